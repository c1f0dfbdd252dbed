-- The tables of the register, on an empty project as well as on a database that already has some of them.
-- What is there is kept: only what is missing is added, so this file may run any number of times.

-- "Already there" is the normal case here and would bury what the later files report.
set client_min_messages = warning;

-- What the owner's project calls its shop, its places and its trading points.
create table if not exists public.vendors (id uuid primary key default gen_random_uuid());
alter table public.vendors add column if not exists store_name text;

create table if not exists public.locations (id uuid primary key default gen_random_uuid());
alter table public.locations
  add column if not exists vendor_id uuid references public.vendors (id),
  add column if not exists name text,
  add column if not exists timezone text not null default 'UTC',
  add column if not exists currency text not null default 'USD',
  -- The hour at which a business date ends: a shift opened at 02:00 belongs to the evening before.
  add column if not exists business_day_cutoff time not null default '04:00',
  -- Over or short beyond the tolerance needs a reason, beyond the limit a manager's approval.
  add column if not exists variance_tolerance numeric(12, 2) not null default 5.00,
  add column if not exists variance_limit numeric(12, 2) not null default 20.00,
  -- The reasons for a difference to choose from; null means the usual ones, an empty list none.
  add column if not exists difference_reasons text[];

create table if not exists public.pos_registers (id uuid primary key default gen_random_uuid());
alter table public.pos_registers
  add column if not exists location_id uuid,
  add column if not exists vendor_id uuid references public.vendors (id),
  add column if not exists register_number text,
  add column if not exists register_name text,
  add column if not exists status text default 'active',
  -- What this register's session numbers start with; never changes, unique within the vendor.
  add column if not exists number_prefix text,
  -- A counter on the row that every open locks anyway.
  add column if not exists last_session_number bigint not null default 0;

-- Every open counts on the register's row: room beside it keeps that from touching its indexes.
alter table public.pos_registers set (fillfactor = 50);

create table if not exists public.pos_sessions (id uuid primary key default gen_random_uuid());
alter table public.pos_sessions
  add column if not exists session_number text,
  add column if not exists register_id uuid,
  add column if not exists location_id uuid,
  add column if not exists vendor_id uuid,
  add column if not exists user_id uuid,
  add column if not exists status text default 'open',
  add column if not exists opening_cash numeric(12, 2),
  add column if not exists total_sales numeric(12, 2) default 0,
  add column if not exists total_transactions integer default 0,
  add column if not exists total_cash numeric(12, 2) default 0,
  add column if not exists total_card numeric(12, 2) default 0,
  add column if not exists walk_in_sales numeric(12, 2) default 0,
  add column if not exists pickup_orders_fulfilled integer default 0,
  add column if not exists opened_at timestamptz default now(),
  add column if not exists last_transaction_at timestamptz,
  add column if not exists closing_cash numeric(12, 2),
  add column if not exists expected_cash numeric(12, 2),
  add column if not exists cash_difference numeric(12, 2),
  add column if not exists closed_at timestamptz,
  add column if not exists closing_notes text,
  add column if not exists updated_at timestamptz default now(),
  add column if not exists business_date date,
  add column if not exists revision bigint not null default 1,
  -- The intent that opened it, and on which device.
  add column if not exists idempotency_key uuid,
  add column if not exists device uuid,
  -- The opener, as pos_staff knows them. user_id names the same person as the shop's own tables do.
  add column if not exists opened_by uuid,
  -- A closing count under way: who, since when, by which intent.
  add column if not exists counting_by uuid,
  add column if not exists counting_since timestamptz,
  add column if not exists counting_key uuid,
  -- Every intent that ever began a count: none of them begins another.
  add column if not exists count_keys uuid[] not null default '{}',
  -- How it stopped being open.
  add column if not exists ended_at timestamptz,
  add column if not exists ended_by uuid,
  add column if not exists end_reason text,
  add column if not exists end_key uuid,
  add column if not exists close_kind text,
  -- How it was settled. closing_cash stays null where nobody counted.
  add column if not exists was_counted boolean,
  add column if not exists closed_by uuid,
  add column if not exists close_key uuid,
  add column if not exists approved_by uuid,
  add column if not exists left_in_drawer numeric(12, 2);

create table if not exists public.pos_cash_movements (id uuid primary key default gen_random_uuid());
alter table public.pos_cash_movements
  add column if not exists session_id uuid,
  add column if not exists vendor_id uuid,
  add column if not exists register_id uuid,
  add column if not exists location_id uuid,
  add column if not exists user_id uuid,
  add column if not exists movement_type text,
  add column if not exists amount numeric(12, 2),
  add column if not exists reason text,
  add column if not exists notes text,
  add column if not exists created_at timestamptz default now(),
  add column if not exists reverses uuid,
  add column if not exists reference text,
  add column if not exists device uuid,
  add column if not exists device_time timestamptz,
  -- Who recorded it, as pos_staff knows them. user_id names the same person as the shop's own tables do.
  add column if not exists recorded_by uuid,
  -- Who was signed in when it was sent, where that is not who recorded it.
  add column if not exists sent_by uuid;

-- Who may work where. One person works for one vendor; no location means all of them. `user_id` is the login, and of people
-- who never had one the key that earlier clients knew them by. There is no foreign key to auth.users: an account that
-- is deleted there cannot sign in any more, and what its owner did keeps their name.
create table if not exists public.pos_staff (
  user_id uuid primary key,
  vendor_id uuid not null references public.vendors (id),
  location_id uuid,
  role text not null default 'cashier' check (role in ('cashier', 'manager', 'owner')),
  display_name text not null default '',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  check (role <> 'owner' or location_id is null)
);
alter table public.pos_staff drop constraint if exists pos_staff_user_id_fkey;
-- What the shop's own tables call this person in a column `user_id`: null where they have no name for them.
alter table public.pos_staff add column if not exists person_id uuid;
create unique index if not exists pos_staff_person on public.pos_staff (person_id) where person_id is not null;

-- Every join: by whom, on which device, by which intent, and what the joiner found in the drawer.
create table if not exists public.pos_session_participants (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null,
  vendor_id uuid not null,
  user_id uuid,
  device uuid,
  client_version text,
  idempotency_key uuid,
  opening_cash numeric(12, 2),
  joined_at timestamptz not null default clock_timestamp()
);

-- Every count ever committed; a second attempt does not replace the first.
create table if not exists public.pos_counts (
  id uuid primary key,
  session_id uuid not null,
  vendor_id uuid not null,
  kind text not null check (kind in ('opening', 'spot', 'closing')),
  amount numeric(12, 2) not null check (amount >= 0),
  denominations jsonb,
  note text,
  expected numeric(12, 2),
  user_id uuid,
  device uuid,
  device_time timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  approved_by uuid,
  approved_at timestamptz,
  approval_note text
);

-- The Z report as it was on the day: numbered per register, written once.
create table if not exists public.pos_z_reports (
  session_id uuid primary key,
  vendor_id uuid not null,
  register_id uuid not null,
  z_number bigint not null,
  report jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (register_id, z_number)
);

-- What each kind of movement does to the drawer. The second group is what earlier clients wrote; of those, the third only
-- repeats what another figure has (the float, the sale totals, the close).
create table if not exists onetill.movement_types (
  movement_type text primary key,
  sign smallint not null check (sign in (-1, 0, 1)),
  is_current boolean not null default false
);
alter table onetill.movement_types
  add column if not exists repeats boolean not null default false,
  -- The clients here write this word with the sign of its effect: -15.00 leaves the drawer.
  add column if not exists is_signed boolean not null default false;
insert into onetill.movement_types (movement_type, sign, is_current) values
  ('pay_in', 1, true), ('float_top_up', 1, true), ('pay_out', -1, true), ('safe_drop', -1, true), ('no_sale', 0, true),
  ('paid_in', 1, false), ('cash_in', 1, false), ('payin', 1, false), ('add', 1, false), ('deposit', 1, false),
  ('paid_out', -1, false), ('cash_out', -1, false), ('payout', -1, false), ('remove', -1, false),
  ('withdrawal', -1, false), ('cash_drop', -1, false), ('drop', -1, false), ('bank_drop', -1, false),
  ('opening', 0, false), ('closing', 0, false), ('sale', 0, false), ('cash_sale', 0, false), ('refund', 0, false)
on conflict do nothing;
update onetill.movement_types set repeats = true where movement_type in ('opening', 'closing', 'sale', 'cash_sale') and not repeats;

-- What a store asks of its movements, by kind: the reasons to choose from, and how much a cashier may record alone.
-- Without a location it holds wherever a location has no rule of its own.
create table if not exists public.pos_movement_rules (
  id uuid primary key default gen_random_uuid(),
  vendor_id uuid not null references public.vendors (id),
  location_id uuid,
  movement_type text not null check (movement_type in ('pay_in', 'float_top_up', 'pay_out', 'safe_drop', 'no_sale')),
  cashier_limit numeric(12, 2) check (cashier_limit >= 0),
  reasons text[] not null default '{}',
  check (movement_type <> 'no_sale' or cashier_limit is null),
  unique nulls not distinct (vendor_id, location_id, movement_type)
);

-- When a person was last heard of on a device in an open shift. Unlogged: after a crash of the server everybody is
-- heard of again within a minute, and until then no poll waits for a disk.
create unlogged table if not exists onetill.seen (
  session_id uuid not null,
  user_id uuid not null,
  device uuid not null,
  at timestamptz not null,
  primary key (session_id, user_id, device)
);

-- What migrating an older database changed, row by row, with the row as it was before.
create table if not exists onetill.reconciliations (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  rule text not null,
  table_name text not null,
  row_id uuid,
  before jsonb,
  note text not null
);

create or replace function onetill.reconciled(p_rule text, p_table text, p_id uuid, p_before jsonb, p_note text)
returns void language plpgsql set search_path = '' as $$
begin
  insert into onetill.reconciliations (rule, table_name, row_id, before, note)
    values (p_rule, p_table, p_id, p_before, p_note);
  raise notice 'onetill: % % %: %', p_rule, p_table, coalesce(p_id::text, ''), p_note;
end $$;
revoke all on function onetill.reconciled(text, text, uuid, jsonb, text) from public, anon, authenticated;

do $$
declare t text;
begin
  foreach t in array array['public.pos_staff', 'public.pos_session_participants', 'public.pos_counts',
    'public.pos_z_reports', 'public.pos_movement_rules', 'onetill.movement_types', 'onetill.seen', 'onetill.reconciliations'] loop
    execute format('alter table %s enable row level security', t);
    execute format('revoke all on %s from public, anon', t);
  end loop;
end $$;

reset client_min_messages;
