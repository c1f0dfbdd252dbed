-- The tables of selling, beside those of the register: the ledger of sales, which is written once, and what a shop
-- sells by:
-- catalogue, taxes, keys, rules, approvals. Nothing of it is written into the tables of earlier clients.

-- These files add to sheets that the files before them write. Where those are of an older making, they come first.
do $$ begin
  if to_regprocedure('onetill.sales_of_shift(public.pos_sessions)') is null
      or to_regprocedure('onetill.secure_table(text, text, text)') is null then
    raise exception using errcode = 'OT003',
      message = 'onetill: the files before this one have changed: apply all of them again. Nothing was changed.';
  end if;
end $$;

set client_min_messages = warning;

create or replace function onetill.schema_version() returns integer
language sql immutable set search_path = '' as $$ select 2 $$;

-- Where a shop stands, and by which rules of the state it must keep receipts: none that this program fulfils yet.
alter table public.locations
  add column if not exists country char(2),
  add column if not exists fiscal text default 'off';

-- What of a session's totals our own ledger made; what is beyond it is other clients' part.
alter table public.pos_sessions
  add column if not exists total_refunds numeric(12, 2) default 0,
  add column if not exists ledger_sales numeric(12, 2) not null default 0,
  add column if not exists ledger_cash numeric(12, 2) not null default 0,
  add column if not exists ledger_card numeric(12, 2) not null default 0,
  add column if not exists ledger_transactions integer not null default 0;
-- Every sale adds to its session's row: room beside it keeps that from touching its indexes.
alter table public.pos_sessions set (fillfactor = 50);

-- The devices that ever sold on a register, each with a letter of its own: 1 is A, 27 is AA. Never reused.
create table if not exists public.pos_tills (
  register_id uuid not null,
  till smallint not null check (till > 0),
  device uuid not null,
  location_id uuid not null,
  vendor_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The highest receipt number that the till told of, and the one up to which all are here.
  issued bigint not null default 0,
  arrived bigint not null default 0,
  -- The last link of its chain that is here.
  chain_seq bigint not null default 0,
  chain_hash bytea not null default decode(repeat('00', 32), 'hex'),
  -- Up to which link entries may have been taken away after the shop's legal period.
  retired bigint not null default 0,
  primary key (register_id, till),
  unique (register_id, device)
) with (fillfactor = 50);
comment on table public.pos_tills
    is 'onetill: the devices that sold on a register, and how far their receipts are here.';

-- The ledger. Figures are those of the paper; the kind carries the sign, and net_cash, net_card and net_other have it.
create table if not exists public.pos_sales (
  id uuid primary key,
  session_id uuid not null,
  register_id uuid not null,
  location_id uuid not null,
  vendor_id uuid not null,
  user_id uuid,
  sent_by uuid,
  device uuid,
  kind text not null check (kind in ('sale', 'refund', 'void', 'discard')),
  original_id uuid,
  till smallint not null,
  receipt_seq bigint,
  receipt_number text,
  currency text not null,
  prices_include_tax boolean not null,
  gross numeric(12, 2) not null,
  discount numeric(12, 2) not null,
  net numeric(12, 2) not null,
  tax numeric(12, 2) not null,
  total numeric(12, 2) not null,
  cash_rounding numeric(12, 2) not null,
  net_cash numeric(12, 2) not null,
  net_card numeric(12, 2) not null,
  net_other numeric(12, 2) not null,
  line_count smallint not null,
  reason text,
  note text,
  approval_id uuid,
  age_checked boolean not null default false,
  device_time timestamptz,
  business_date date not null,
  created_at timestamptz not null default clock_timestamp(),
  late boolean not null default false,
  flags text[] not null default '{}',
  digest bytea not null,
  chain_seq bigint not null,
  prev_hash bytea not null,
  hash bytea not null,
  fiscal jsonb
);
comment on table public.pos_sales is 'onetill: sales, refunds, voids and discards, written once.';

create table if not exists public.pos_sale_lines (
  sale_id uuid not null,
  no smallint not null,
  vendor_id uuid not null,
  item_id uuid,
  name text,
  code text,
  unit text,
  quantity numeric(10, 3) not null,
  unit_price numeric(12, 2) not null,
  gross numeric(12, 2) not null,
  discount numeric(12, 2) not null,
  cart_discount numeric(12, 2) not null,
  net numeric(12, 2) not null,
  tax_code text,
  original_line smallint,
  list_price numeric(12, 2),
  discount_reason text,
  primary key (sale_id, no)
);
comment on table public.pos_sale_lines is 'onetill: the lines of an entry of the ledger.';

create table if not exists public.pos_sale_taxes (
  sale_id uuid not null,
  no smallint not null,
  vendor_id uuid not null,
  tax_code text not null,
  component text not null,
  rate numeric(7, 5) not null,
  base numeric(12, 2) not null,
  tax numeric(12, 2) not null,
  primary key (sale_id, no)
);
comment on table public.pos_sale_taxes is 'onetill: the taxes of an entry of the ledger, with the rates of then.';

create table if not exists public.pos_sale_tenders (
  sale_id uuid not null,
  no smallint not null,
  vendor_id uuid not null,
  kind text not null check (kind in ('cash', 'card', 'other')),
  label text,
  amount numeric(12, 2) not null,
  tendered numeric(12, 2),
  change numeric(12, 2),
  reference text,
  primary key (sale_id, no)
);
comment on table public.pos_sale_tenders is 'onetill: how an entry of the ledger was paid, or paid back.';

-- What a manager should look at; the entry itself keeps its flags for good.
create table if not exists public.pos_sale_flags (
  sale_id uuid not null,
  flag text not null,
  vendor_id uuid not null,
  location_id uuid not null,
  register_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  -- Of a late entry: the session whose Z report told of it, the next one of the register.
  addendum_of uuid,
  settled_by uuid,
  settled_at timestamptz,
  note text,
  primary key (sale_id, flag)
);
comment on table public.pos_sale_flags is 'onetill: what is unusual about an entry of the ledger, and who settled it.';

create table if not exists public.pos_items (
  id uuid primary key,
  vendor_id uuid not null references public.vendors (id),
  name text not null,
  short_name text,
  sku text,
  unit text,
  -- Null where it is typed at the register.
  price numeric(12, 2) check (price >= 0 and price < 1000000000),
  price_is_open boolean not null default false,
  tax_code text,
  category text,
  age_limit smallint check (age_limit between 1 and 99),
  is_active boolean not null default true,
  -- Rises with every change of anything about the vendor's items, so that a register asks for what it does not know
  -- yet.
  version bigint not null,
  check (price is not null or price_is_open)
);
comment on table public.pos_items is 'onetill: what the shop sells.';

create table if not exists public.pos_item_codes (
  vendor_id uuid not null,
  code text not null,
  item_id uuid not null,
  -- How many of the item this code stands for: 6 on the box of six.
  factor numeric(10, 3) not null default 1 check (factor > 0),
  primary key (vendor_id, code)
);
comment on table public.pos_item_codes is 'onetill: the codes by which items are found.';

create table if not exists public.pos_item_prices (
  item_id uuid not null,
  location_id uuid not null,
  vendor_id uuid not null,
  price numeric(12, 2) not null check (price >= 0 and price < 1000000000),
  primary key (item_id, location_id)
);
comment on table public.pos_item_prices is 'onetill: prices of single locations.';

create table if not exists public.pos_taxes (
  id uuid primary key default gen_random_uuid(),
  vendor_id uuid not null references public.vendors (id),
  location_id uuid,
  code text not null,
  name text not null,
  -- [{"name": "State", "rate": "0.0475"}]
  components jsonb not null,
  valid_from date not null,
  unique nulls not distinct (vendor_id, location_id, code, valid_from)
);
comment on table public.pos_taxes
    is 'onetill: tax codes; the row with the latest date that has come holds, a location''s own before the shop''s.';

create table if not exists public.pos_quick_keys (
  location_id uuid not null,
  page smallint not null check (page between 1 and 20),
  place smallint not null check (place between 1 and 20),
  vendor_id uuid not null,
  item_id uuid not null,
  label text,
  colour text,
  primary key (location_id, page, place)
);
comment on table public.pos_quick_keys is 'onetill: the keys of the register screen.';

create table if not exists public.pos_selling_rules (
  id uuid primary key default gen_random_uuid(),
  vendor_id uuid not null references public.vendors (id),
  -- Null: wherever a location has none of its own.
  location_id uuid,
  selling_on boolean not null default false,
  prices_include_tax boolean not null default false,
  cash_step numeric(12, 2),
  cash_half text not null default 'up' check (cash_half in ('up', 'down')),
  -- What a cashier may do alone. Null: no limit.
  discount_percent_limit numeric(5, 2) default 10 check (discount_percent_limit between 0 and 100),
  sale_limit numeric(12, 2) check (sale_limit >= 0),
  refund_limit numeric(12, 2) default 50 check (refund_limit >= 0),
  void_limit numeric(12, 2) default 50 check (void_limit >= 0),
  price_override boolean not null default false,
  -- Whether goods come back without a receipt at all; a cashier needs a manager for it in any case.
  no_receipt_refund boolean not null default true,
  other_tenders text[] not null default '{}' check (cardinality(other_tenders) <= 6),
  receipt_header text,
  receipt_footer text,
  -- How codes of the shop's own labels are read: [{"prefix": "20", "item": 5, "price": 5, "places": 2}]
  code_rules jsonb not null default '[]',
  unique nulls not distinct (vendor_id, location_id)
);
comment on table public.pos_selling_rules is 'onetill: by which rules a shop sells.';

-- What a manager allowed a cashier, for one entry that does not exist yet. Used once.
create table if not exists public.pos_approvals (
  id uuid primary key,
  vendor_id uuid not null,
  location_id uuid not null,
  session_id uuid not null,
  kind text not null check (kind in ('discount', 'price', 'refund', 'no_receipt', 'amount')),
  -- What was approved: {"sale_id": …, "limit": "120.00"}
  subject jsonb not null,
  by_user uuid,
  note text,
  created_at timestamptz not null default clock_timestamp(),
  used_by_sale uuid
);
comment on table public.pos_approvals is 'onetill: what a manager allowed beside the cashier.';

-- ---------------------------------------------------------------- keys

select onetill.composite_key('pos_tills', 'pos_tills_register', 'register_id, location_id, vendor_id', 'pos_registers',
    'id, location_id, vendor_id');
select onetill.composite_key('pos_sales', 'pos_sales_session', 'session_id, vendor_id', 'pos_sessions',
    'id, vendor_id');
select onetill.composite_key('pos_approvals', 'pos_approvals_session', 'session_id, vendor_id', 'pos_sessions',
    'id, vendor_id');
select onetill.composite_key('pos_item_codes', 'pos_item_codes_item', 'item_id, vendor_id', 'pos_items',
    'id, vendor_id');
select onetill.composite_key('pos_item_prices', 'pos_item_prices_item', 'item_id, vendor_id', 'pos_items',
    'id, vendor_id');
select onetill.composite_key('pos_item_prices', 'pos_item_prices_location', 'location_id, vendor_id', 'locations',
    'id, vendor_id');
select onetill.composite_key('pos_taxes', 'pos_taxes_location', 'location_id, vendor_id', 'locations', 'id, vendor_id');
select onetill.composite_key('pos_quick_keys', 'pos_quick_keys_item', 'item_id, vendor_id', 'pos_items',
    'id, vendor_id');
select onetill.composite_key('pos_quick_keys', 'pos_quick_keys_location', 'location_id, vendor_id', 'locations',
    'id, vendor_id');
select onetill.composite_key('pos_selling_rules', 'pos_selling_rules_location', 'location_id, vendor_id', 'locations',
    'id, vendor_id');
create unique index if not exists pos_sales_id_vendor_key on public.pos_sales (id, vendor_id);
do $$
declare x record;
begin
  for x in select * from (values
      ('pos_sales', 'pos_sales_original',
          'foreign key (original_id, vendor_id) references public.pos_sales (id, vendor_id)'),
      ('pos_sales', 'pos_sales_till',
          'foreign key (register_id, till) references public.pos_tills (register_id, till)'),
      ('pos_sale_lines', 'pos_sale_lines_sale', 'foreign key (sale_id) references public.pos_sales (id)'),
      ('pos_sale_taxes', 'pos_sale_taxes_sale', 'foreign key (sale_id) references public.pos_sales (id)'),
      ('pos_sale_tenders', 'pos_sale_tenders_sale', 'foreign key (sale_id) references public.pos_sales (id)'),
      ('pos_sale_flags', 'pos_sale_flags_sale', 'foreign key (sale_id) references public.pos_sales (id)')) y(t, name,
          definition) loop
    if not exists (select from pg_constraint k where k.conname = x.name
        and k.conrelid = format('public.%I', x.t)::regclass) then
      execute format('alter table public.%I add constraint %I %s', x.t, x.name, x.definition);
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------- what rows are looked up by

create index if not exists pos_tills_by_register on public.pos_tills (register_id, location_id, vendor_id);
create index if not exists pos_sales_by_session on public.pos_sales (session_id, vendor_id, created_at, id);
create index if not exists pos_sales_by_original on public.pos_sales (original_id, vendor_id);
create index if not exists pos_sales_by_chain on public.pos_sales (register_id, till, chain_seq);
create index if not exists pos_sales_by_receipt on public.pos_sales (register_id, till, receipt_seq)
    where receipt_seq is not null;
create index if not exists pos_sale_flags_unsettled on public.pos_sale_flags (register_id, at) where settled_at is null;
create index if not exists pos_sale_flags_untold on public.pos_sale_flags (register_id) where flag = 'late'
    and addendum_of is null;
create index if not exists pos_sale_flags_told on public.pos_sale_flags (addendum_of) where addendum_of is not null;
create index if not exists pos_approvals_by_session on public.pos_approvals (session_id, vendor_id);
create index if not exists pos_approvals_by_sale on public.pos_approvals ((subject ->> 'sale_id'));
create index if not exists pos_items_by_version on public.pos_items (vendor_id, version);
create index if not exists pos_items_by_name on public.pos_items (vendor_id, lower(name), id);
create index if not exists pos_item_codes_by_item on public.pos_item_codes (item_id, vendor_id);
create index if not exists pos_item_prices_by_item on public.pos_item_prices (item_id, vendor_id);
create index if not exists pos_item_prices_by_location on public.pos_item_prices (location_id, vendor_id);
create index if not exists pos_taxes_by_vendor on public.pos_taxes (vendor_id);
create index if not exists pos_taxes_by_location on public.pos_taxes (location_id, vendor_id);
create index if not exists pos_quick_keys_by_item on public.pos_quick_keys (item_id, vendor_id);
create index if not exists pos_quick_keys_by_location on public.pos_quick_keys (location_id, vendor_id);
create index if not exists pos_selling_rules_by_vendor on public.pos_selling_rules (vendor_id);
create index if not exists pos_selling_rules_by_location on public.pos_selling_rules (location_id, vendor_id);

-- ---------------------------------------------------------------- what cannot be

-- NaN sorts above every number.
select onetill.table_check('pos_sales', 'pos_sales_figures', $$gross between 0 and 999999999.99 and discount between 0
    and gross and net between 0 and total
  and tax between 0 and total and total between 0 and 999999999.99 and net + tax = total
      and abs(cash_rounding) < 1000000 and line_count between 1 and 500$$);
select onetill.table_check('pos_sales', 'pos_sales_effects', $$abs(net_cash) < 1000000000 and abs(net_card) < 1000000000
    and abs(net_other) < 1000000000
  and net_cash + net_card + net_other = case kind when 'sale' then total + cash_rounding when 'discard' then 0
      else -(total + cash_rounding) end$$);
select onetill.table_check('pos_sales', 'pos_sales_kind', $$(kind = 'discard') = (receipt_seq is null)
    and (receipt_seq is null) = (receipt_number is null)
  and (original_id is null or kind in ('refund', 'void')) and (kind <> 'void' or original_id is not null)$$);
select onetill.table_check('pos_sales', 'pos_sales_chain', $$octet_length(digest) = 32 and octet_length(prev_hash) = 32
    and octet_length(hash) = 32
  and chain_seq > 0 and receipt_seq > 0$$);
select onetill.table_check('pos_sale_lines', 'pos_sale_lines_figures', $$quantity > 0 and quantity <= 99999
    and unit_price between 0 and 999999999.99
  and gross between 0 and 999999999.99 and discount >= 0 and cart_discount >= 0 and net >= 0
      and net = gross - discount - cart_discount$$);
select onetill.table_check('pos_sale_taxes', 'pos_sale_taxes_figures', $$rate between 0 and 99.99999 and base between 0
    and 999999999.99 and tax between 0 and base + base * rate + 1$$);
select onetill.table_check('pos_sale_tenders', 'pos_sale_tenders_figures', $$amount > 0 and amount < 1000000000
    and (kind = 'cash' or change is null) and tendered - change = amount$$);
select onetill.table_check('pos_tills', 'pos_tills_numbers',
    'issued >= arrived and arrived >= 0 and chain_seq >= 0 and octet_length(chain_hash) = 32');

-- ---------------------------------------------------------------- who may

do $$
declare
  t text; v_rule text;
  v_mine constant text := 'vendor_id = (select onetill.my_vendor()) and (select onetill.i_manage())';
  v_here constant text := v_mine
      || ' and ((select onetill.my_location()) is null or location_id = (select onetill.my_location()))';
  -- What hangs on a sale is seen where the sale is.
  v_hangs constant text := v_mine || ' and exists (select from public.pos_sales s where s.id = sale_id)';
begin
  foreach t in array array['pos_tills', 'pos_sales', 'pos_sale_flags', 'pos_approvals'] loop
    perform onetill.secure_table(t, v_here, 'select');
  end loop;
  foreach t in array array['pos_sale_lines', 'pos_sale_taxes', 'pos_sale_tenders'] loop
    perform onetill.secure_table(t, v_hangs, 'select');
  end loop;
  -- The store's own server may keep the catalogue: the versions are given by triggers.
  foreach t in array array['pos_items', 'pos_item_codes', 'pos_item_prices', 'pos_taxes', 'pos_quick_keys',
      'pos_selling_rules'] loop
    perform onetill.secure_table(t, v_mine, case t when 'pos_items' then 'select, insert, update'
        else 'select, insert, update, delete' end);
  end loop;
end $$;

reset client_min_messages;
