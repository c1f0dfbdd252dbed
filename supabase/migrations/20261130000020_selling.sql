-- Recording what was sold. A sale was finished at the register: here it is never refused for policy or for coming late,
-- only where it cannot be
-- true; what a manager should look at is flagged. Locks: register, session, till, original, then new rows.

-- ---------------------------------------------------------------- what holds still

-- The ledger is written once. Only the keeping of the shop's own legal period takes old months away, as the project's
-- own login.
create or replace function onetill.keep_sale() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' and current_setting('onetill.retiring', true) = pg_current_xact_id()::text then
    return old;
  end if;
  perform onetill.fail(409, 'POS_WRITTEN_ONCE', 'Rows of ' || tg_table_name || ' are not changed or removed.');
  return null;
end $$;
create or replace trigger keep_sale before update
    or delete on public.pos_sales for each row execute function onetill.keep_sale();
create or replace trigger keep_sale_line before update
    or delete on public.pos_sale_lines for each row execute function onetill.keep_sale();
create or replace trigger keep_sale_tax before update
    or delete on public.pos_sale_taxes for each row execute function onetill.keep_sale();
create or replace trigger keep_sale_tender before update
    or delete on public.pos_sale_tenders for each row execute function onetill.keep_sale();
create
    or replace trigger keep_sale_flag before delete
    on public.pos_sale_flags for each row execute function onetill.keep_sale();
create or replace trigger keep_till before delete on public.pos_tills for each row execute function onetill.keep_row();
create
    or replace trigger keep_approval before delete
    on public.pos_approvals for each row execute function onetill.keep_sale();

-- What our ledger added to a session is ours to write, and a settled session keeps it.
create or replace function onetill.guard_ledger() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- As whoever updates the row: a caller of the API may not call what words our refusals.
  if current_user in ('anon', 'authenticated', 'service_role') then
    raise sqlstate 'PGRST' using detail = '{"status": 409, "headers": {}}',
      message = '{"code": "POS_WRITTEN_ONCE", "message": "What the ledger of sales added up is not changed.",
        "details": null, "hint": null}';
  end if;
  if old.status in ('closed', 'cancelled') then
    perform onetill.fail_over(old);
  end if;
  return new;
end $$;
create or replace trigger guard_ledger before update of ledger_sales, ledger_cash, ledger_card,
    ledger_transactions on public.pos_sessions
  for each row when ((new.ledger_sales, new.ledger_cash, new.ledger_card, new.ledger_transactions)
    is distinct from (old.ledger_sales, old.ledger_cash, old.ledger_card,
        old.ledger_transactions)) execute function onetill.guard_ledger();

-- A shift in which something was sold, or thrown away, is not unused.
create or replace function onetill.guard_cancel() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.pos_sales s where s.session_id = new.id and s.vendor_id = new.vendor_id) then
    perform onetill.fail(409, 'POS_SESSION_NOT_EMPTY', 'This shift has entries; it can be closed, not cancelled.');
  end if;
  return new;
end $$;
create or replace trigger guard_cancel before update of status on public.pos_sessions
  for each row when (new.status = 'cancelled' and old.status <> 'cancelled') execute function onetill.guard_cancel();

-- ---------------------------------------------------------------- tills

-- 1 is A, 26 is Z, 27 is AA.
create or replace function onetill.letter(p_till integer) returns text
language plpgsql immutable set search_path = '' as $$
declare v_letters text := ''; v_rest integer := p_till;
begin
  while v_rest > 0 loop
    v_letters := chr(65 + (v_rest - 1) % 26) || v_letters;
    v_rest := (v_rest - 1) / 26;
  end loop;
  return v_letters;
end $$;

create or replace function onetill.receipt_number(p_prefix text, p_till integer, p_seq bigint) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return p_prefix || '-' || onetill.letter(p_till) || '-' || lpad(p_seq::text, greatest(6, length(p_seq::text)), '0');
end $$;

-- The letter of the device that asks on the register of this shift; the first time it gets the next one. Selling needs
-- it, so it is asked for
-- before the first sale, and not given where selling is off.
create or replace function public.pos_till(p_session_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; l public.locations; t public.pos_tills; v_prefix text;
v_device uuid := onetill.uuid_or_null(onetill.request_header('x-device-id'));
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  if v_device is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'The X-Device-Id header must be a UUID.');
  end if;
  select * into l from public.locations x where x.id = s.location_id;
  if not (onetill.selling_rules(l)).selling_on then
    perform onetill.fail(403, 'POS_SELLING_OFF', 'Selling is not switched on here.');
  end if;
  select * into t from public.pos_tills x where x.register_id = s.register_id and x.device = v_device;
  if not found then
    if s.status <> 'open' then
      perform onetill.fail_over(s);
    end if;
    -- One device after another.
    perform 1 from public.pos_registers r where r.id = s.register_id for no key update;
    insert into public.pos_tills (register_id, till, device, location_id, vendor_id)
      values (s.register_id, (select coalesce(max(x.till), 0) + 1 from public.pos_tills x
          where x.register_id = s.register_id), v_device, s.location_id, s.vendor_id)
      on conflict (register_id, device) do nothing;
    select * into t from public.pos_tills x where x.register_id = s.register_id and x.device = v_device;
  end if;
  select r.number_prefix into v_prefix from public.pos_registers r where r.id = s.register_id;
  return jsonb_build_object('till', t.till, 'letter', onetill.letter(t.till), 'prefix',
      v_prefix || '-' || onetill.letter(t.till), 'last_receipt', t.issued,
    'last_chain_seq', t.chain_seq, 'last_hash', encode(t.chain_hash, 'hex'), 'server_time',
        onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- The highest receipt number that the asking device has given out, as it says in every poll and with every sale:
-- `X-Last-Receipt`.
create or replace function onetill.told_receipt() returns bigint
language plpgsql stable set search_path = '' as $$
declare v_text text := onetill.request_header('x-last-receipt');
begin
  return case when v_text ~ '^[0-9]{1,12}$' then v_text::bigint end;
end $$;

-- Notes what a poll tells of receipts that are still to come. No poll waits for it: neither for the disk nor for a sale
-- of this till on its way.
create or replace function onetill.hear_receipts(s public.pos_sessions) returns void
language plpgsql volatile set search_path = '' as $$
declare v_told bigint := onetill.told_receipt(); v_device uuid; v_till smallint;
begin
  if v_told is null then return; end if;
  v_device := onetill.uuid_or_null(onetill.request_header('x-device-id'));
  if not exists (select from public.pos_tills x where x.register_id = s.register_id and x.device = v_device
      and x.issued < v_told) then
    return;
  end if;
  select x.till into v_till from public.pos_tills x where x.register_id = s.register_id
      and x.device = v_device for no key update skip locked;
  if found then
    perform set_config('synchronous_commit', 'off', true);
    update public.pos_tills x set issued = v_told where x.register_id = s.register_id and x.till = v_till
        and x.issued < v_told;
  end if;
end $$;

-- ---------------------------------------------------------------- approvals

create or replace function onetill.approval_json(a public.pos_approvals) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('id', a.id, 'session_id', a.session_id, 'kind', a.kind, 'subject', a.subject, 'note',
      a.note,
    'by_name', coalesce(onetill.staff_name(a.by_user), ''), 'approved_at', onetill.instant(a.created_at),
        'used_by_sale', a.used_by_sale);
end $$;

-- A manager beside the cashier allows one entry more than the cashier may: `p_subject` {sale_id, session_id, limit}. It
-- holds for the entry with that
-- id and up to that amount (of a discount: all discounts together), and for nothing else.
create or replace function public.pos_approve(p_id uuid, p_kind text, p_subject jsonb,
    p_note text default null) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; a public.pos_approvals; v_outcome text := 'replayed'; v_subject jsonb;
v_limit numeric;
begin
  c := onetill.caller();
  p_subject := onetill.unwrapped(p_subject);
  v_limit := onetill.figure(p_subject ->> 'limit');
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'An approval needs an id made by the client.');
  end if;
  v_subject := jsonb_build_object('sale_id', onetill.uuid_or_null(p_subject ->> 'sale_id'), 'session_id',
      onetill.uuid_or_null(p_subject ->> 'session_id'),
    'limit', trim_scale(v_limit)::text);
  -- Who approved it is answered from the record, whatever they may do by now.
  select * into a from public.pos_approvals x where x.id = p_id and (c.role = 'service' or x.vendor_id = c.vendor_id);
  if a.id is null or a.by_user is distinct from c.user_id then
    perform onetill.require_manager(c);
  end if;
  if a.id is null then
    if p_kind is null or p_kind not in ('discount', 'price', 'refund', 'no_receipt', 'amount') then
      perform onetill.fail(400, 'POS_BAD_APPROVAL', 'There is no approval of this kind.');
    end if;
    if v_subject ->> 'sale_id' is null or v_limit is null and p_kind <> 'price' or v_limit < 0 then
      perform onetill.fail(400, 'POS_BAD_APPROVAL', 'An approval is of one entry, and up to an amount.');
    end if;
    if onetill.holds_card_number(p_note) then
      perform onetill.fail(400, 'POS_BAD_APPROVAL', 'This looks like the number of a card, which is not kept here.');
    end if;
    s := onetill.require_session(c, (v_subject ->> 'session_id')::uuid);
    insert into public.pos_approvals (id, vendor_id, location_id, session_id, kind, subject, by_user, note)
      values (p_id, s.vendor_id, s.location_id, s.id, p_kind, v_subject, c.user_id, left(p_note, 1000))
      on conflict (id) do nothing returning * into a;
    if found then
      v_outcome := 'approved';
    else
      select * into a from public.pos_approvals x where x.id = p_id;
    end if;
  end if;
  if (a.kind, a.subject, a.by_user) is distinct from (p_kind, v_subject, c.user_id) then
    perform onetill.fail(422, 'POS_KEY_REUSED', 'This id was used for another approval.');
  end if;
  return jsonb_build_object('outcome', v_outcome, 'approval', onetill.approval_json(a), 'server_time',
      onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- ---------------------------------------------------------------- one entry as clients see it

create or replace function onetill.sale_json(x public.pos_sales) returns jsonb
language plpgsql stable set search_path = '' as $$
declare v_places integer := onetill.currency_scale(x.currency);
begin
  return jsonb_build_object('id', x.id, 'session_id', x.session_id, 'kind', x.kind, 'original_id', x.original_id,
      'till', x.till, 'receipt_number', x.receipt_number,
    'currency', x.currency, 'prices_include_tax', x.prices_include_tax, 'gross', round(x.gross, v_places)::text,
        'discount', round(x.discount, v_places)::text,
    'net', round(x.net, v_places)::text, 'tax', round(x.tax, v_places)::text, 'total', round(x.total, v_places)::text,
        'cash_rounding', round(x.cash_rounding, v_places)::text,
    'net_cash', round(x.net_cash, v_places)::text, 'net_card', round(x.net_card, v_places)::text, 'net_other',
        round(x.net_other, v_places)::text,
    'line_count', x.line_count, 'reason', x.reason, 'note', x.note, 'approval_id', x.approval_id, 'age_checked',
        x.age_checked, 'device_time', onetill.instant(x.device_time),
    'business_date', x.business_date, 'recorded_at', onetill.instant(x.created_at), 'by_name',
        coalesce(onetill.staff_name(x.user_id), ''),
    'sent_by_name', onetill.staff_name(x.sent_by), 'late', x.late, 'flags', to_jsonb(x.flags));
end $$;

-- ---------------------------------------------------------------- recording

create or replace function onetill.fail_receipt(p_field text, p_expected text, p_got text) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(400, 'POS_BAD_RECEIPT', format('%s of the receipt is %s, and must be %s.', p_field,
      coalesce(left(p_got, 80), 'missing'), p_expected),
    json_build_object('rule', 'receipt', 'field', p_field, 'expected', p_expected, 'got', left(p_got, 200))::text);
end $$;

-- What a receipt says of itself: numbers, and hashes of 64 hexadecimal digits. A discard has no number.
create or replace function onetill.check_receipt(p_kind text, p_receipt jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (p_receipt ->> 'till' ~ '^[1-9][0-9]{0,3}$') is not true then
    perform onetill.fail_receipt('till', 'the number of a till', p_receipt ->> 'till');
  elsif p_kind <> 'discard' and (p_receipt ->> 'seq' ~ '^[1-9][0-9]{0,11}$') is not true then
    perform onetill.fail_receipt('seq', 'a number from 1', p_receipt ->> 'seq');
  elsif p_kind = 'discard' and coalesce(p_receipt ->> 'seq', p_receipt ->> 'number') is not null then
    perform onetill.fail_receipt('number', 'missing in what was thrown away',
        coalesce(p_receipt ->> 'number', p_receipt ->> 'seq'));
  elsif (p_receipt ->> 'chain_seq' ~ '^[1-9][0-9]{0,11}$') is not true then
    perform onetill.fail_receipt('chain_seq', 'a number from 1', p_receipt ->> 'chain_seq');
  elsif (p_receipt ->> 'prev_hash' ~ '^[0-9a-f]{64}$') is not true then
    perform onetill.fail_receipt('prev_hash', '64 hexadecimal digits', p_receipt ->> 'prev_hash');
  elsif (p_receipt ->> 'hash' ~ '^[0-9a-f]{64}$') is not true then
    perform onetill.fail_receipt('hash', '64 hexadecimal digits', p_receipt ->> 'hash');
  end if;
end $$;

-- No number of a card in any free text; items are ids of this vendor or of nobody; prices of the list are amounts.
create or replace function onetill.check_lines(s public.pos_sessions, p_reason text, p_note text, p_lines jsonb,
    p_tenders jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare e jsonb; v_texts text := concat_ws(E'\n', p_reason, p_note); v_items uuid[] := array[]::uuid[];
v_no integer := 0; v_price numeric;
begin
  for e in select x from jsonb_array_elements(p_lines) x loop
    v_no := v_no + 1;
    v_texts := concat_ws(E'\n', v_texts, e ->> 'name', e ->> 'unit', e ->> 'discount_reason');
    if e ->> 'item_id' is not null then
      if onetill.uuid_or_null(e ->> 'item_id') is null then
        perform onetill.fail_sale('item', 'item_id', v_no, 'the id of an item', e ->> 'item_id');
      end if;
      v_items := v_items || (e ->> 'item_id')::uuid;
    end if;
    v_price := onetill.figure(e ->> 'list_price');
    if e ->> 'list_price' is not null and (v_price between 0 and 999999999.99 and v_price = round(v_price, 2)) is
        not true then
      perform onetill.fail_sale('A1', 'list_price', v_no, 'an amount', e ->> 'list_price');
    elsif e ->> 'original_line' is not null and (e ->> 'original_line' ~ '^[1-9][0-9]{0,2}$') is not true then
      perform onetill.fail_sale('A9', 'original_line', v_no, 'a line of the original', e ->> 'original_line');
    end if;
  end loop;
  for e in select x from jsonb_array_elements(p_tenders) x loop
    v_texts := concat_ws(E'\n', v_texts, e ->> 'label', e ->> 'reference');
  end loop;
  if onetill.holds_card_number(v_texts) then
    perform onetill.fail_sale('card_number', 'text', null, 'no number of a card', 'one that looks like it');
  end if;
  if v_items <> '{}' and exists (select from public.pos_items i where i.id = any (v_items)
      and i.vendor_id <> s.vendor_id) then
    perform onetill.fail_sale('item', 'item_id', null, 'an item of this store', 'another one');
  end if;
end $$;

-- Whether a code is a label of this location that says this price: then the packet costs it, whatever one of the item does.
create or replace function onetill.label_says(l public.locations, p_code text, p_price numeric) returns boolean
language plpgsql stable set search_path = '' as $$
declare r jsonb; v_code text := lpad(p_code, 13, '0'); v_digits integer;
begin
  if p_code !~ '^[0-9]{12,13}$' then
    return false;
  end if;
  for r in select * from jsonb_array_elements((onetill.selling_rules(l)).code_rules) loop
    if r ->> 'value' = 'price' and starts_with(v_code, r ->> 'prefix') and r ->> 'digits' ~ '^[1-9]$'
        and r ->> 'places' ~ '^[0-3]$' then
      v_digits := (r ->> 'digits')::integer;
      -- The price ends before the check digit.
      if substr(v_code, 13 - v_digits, v_digits)::numeric = p_price * 10 ^ (r ->> 'places')::integer then
        return true;
      end if;
    end if;
  end loop;
  return false;
end $$;

-- What of an entry differs from the catalogue and the taxes as they are here.
create or replace function onetill.catalogue_flags(l public.locations, p_date date, p_lines jsonb,
    p_taxes jsonb) returns text[]
language plpgsql stable set search_path = '' as $$
declare v_flags text[] := array[]::text[]; x record; v_other_tax boolean;
begin
  if exists (select from jsonb_array_elements(p_lines) e where e ->> 'item_id' is not null) then
    select bool_or(i.id is null) as unknown, bool_or(i.tax_code is distinct from nullif(e ->> 'tax_code', ''))
        filter (where i.id is not null) as other_tax,
        bool_or(coalesce(p.price, i.price) is distinct from (e ->> 'list_price')::numeric)
            filter (where (not i.price_is_open or e ->> 'list_price' is not null)
              and (e ->> 'list_price' is null and i.unit is not null
                and onetill.label_says(l, e ->> 'code', (e ->> 'unit_price')::numeric)) is not true) as other_price
      into x from jsonb_array_elements(p_lines) e
      left join public.pos_items i on i.id = (e ->> 'item_id')::uuid and i.vendor_id = l.vendor_id
      left join public.pos_item_prices p on p.item_id = i.id and p.location_id = l.id
      where e ->> 'item_id' is not null;
    v_other_tax := x.other_tax;
    if x.unknown then v_flags := v_flags || 'unknown_item'::text; end if;
    if x.other_price then v_flags := v_flags || 'price_differs'::text; end if;
  end if;
  if v_other_tax is true or p_taxes <> '[]' and exists (
      select from (
        select e ->> 'tax_code' as code, jsonb_agg(jsonb_build_object('name', e ->> 'component', 'rate',
            trim_scale((e ->> 'rate')::numeric)::text) order by no) as components
          from jsonb_array_elements(p_taxes) with ordinality y(e, no) group by 1) told
      left join onetill.taxes_at(l, p_date) t on t.code = told.code
      -- In whatever order its components stand.
      where (t.components @> told.components and told.components @> t.components) is not true) then
    v_flags := v_flags || 'tax_not_in_force'::text;
  end if;
  return v_flags;
end $$;

-- What of an entry is more than its maker may do alone: the kinds of approval that it needs.
create or replace function onetill.needed_approvals(
  r public.pos_selling_rules, p_kind text, p_manages boolean, p_lines jsonb, p_discount numeric, p_gross numeric,
  p_total numeric, p_original public.pos_sales, p_till integer)
returns text[] language plpgsql stable set search_path = '' as $$
declare v_needs text[] := array[]::text[]; x record;
begin
  if p_kind = 'refund' and p_original.id is null and (not p_manages or not r.no_receipt_refund) then
    v_needs := v_needs || 'no_receipt'::text;
  end if;
  if p_manages then return v_needs; end if;
  if p_kind = 'sale' then
    -- Each line and all together; of cents that were rounded up line by line nobody is suspected.
    if p_discount > 0 and r.discount_percent_limit is not null then
      select bool_or(y.discount > y.allowed) as line, sum(y.allowed) as allowed into x
        from (select coalesce((e ->> 'discount')::numeric, 0) as discount,
            round((e ->> 'gross')::numeric * r.discount_percent_limit / 100, 2) as allowed
          from jsonb_array_elements(p_lines) e) y;
      if x.line or p_discount > greatest(x.allowed, round(p_gross * r.discount_percent_limit / 100, 2)) then
        v_needs := v_needs || 'discount'::text;
      end if;
    end if;
    if not r.price_override and exists (select from jsonb_array_elements(p_lines) e
        where (e ->> 'list_price')::numeric <> (e ->> 'unit_price')::numeric) then
      v_needs := v_needs || 'price'::text;
    end if;
    if p_total > r.sale_limit then
      v_needs := v_needs || 'amount'::text;
    end if;
  elsif p_kind = 'refund' and p_total > r.refund_limit
    or p_kind = 'void' and (p_total > r.void_limit or p_original.till <> p_till) then
    v_needs := v_needs || 'refund'::text;
  end if;
  return v_needs;
end $$;

create or replace function public.pos_record_sale(
  p_id uuid, p_session_id uuid, p_kind text, p_receipt jsonb, p_lines jsonb, p_taxes jsonb, p_tenders jsonb,
  p_totals jsonb,
  p_original_id uuid default null, p_reason text default null, p_note text default null,
  p_approval_id uuid default null,
  p_age_checked boolean default null, p_device_time timestamptz default null, p_recorded_by uuid default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare
  c onetill.caller; s public.pos_sessions; l public.locations; r public.pos_selling_rules; t public.pos_tills;
  o public.pos_sales; x public.pos_sales;
  v_content bytea; v_digest bytea; v_prev bytea; v_hash bytea; v_till integer; v_seq bigint; v_link bigint;
  v_number text; v_prefix text;
  f record; v_outcome text := 'replayed'; v_late boolean; v_flags text[] := array[]::text[]; v_needs text[];
  v_covered text[]; v_manages boolean; v_sign integer; v_arrived bigint; v_told bigint; v_broken boolean;
  v_plain boolean;
  v_now timestamptz; v_device uuid := onetill.uuid_or_null(onetill.request_header('x-device-id'));
begin
  c := onetill.caller();
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'An entry needs an id made by the client.');
  end if;
  if jsonb_typeof(p_totals) = 'string' then
    p_receipt := onetill.unwrapped(p_receipt);
    p_lines := onetill.unwrapped(p_lines);
    p_taxes := onetill.unwrapped(p_taxes);
    p_tenders := onetill.unwrapped(p_tenders);
    p_totals := onetill.unwrapped(p_totals);
  end if;
  -- Some gateways leave an empty list away.
  p_taxes := coalesce(p_taxes, '[]');
  p_tenders := coalesce(p_tenders, '[]');
  perform onetill.check_shape(p_kind, p_lines, p_taxes, p_tenders, p_totals);
  if octet_length(concat(p_lines, p_taxes, p_tenders, p_totals, p_note)) > 65536 then
    perform onetill.fail_sale('size', 'entry', null, 'at most 64 kB', 'more');
  end if;
  perform onetill.check_receipt(p_kind, p_receipt);
  -- A figure that is none is named where the figures are computed; until then the entry says nothing.
  v_plain := onetill.is_plain(p_lines, p_taxes, p_tenders, p_totals);
  v_content := case when v_plain then onetill.canonical(p_id, p_session_id, p_kind, p_original_id, p_receipt,
      p_device_time, p_recorded_by, p_reason, p_note, p_age_checked,
    p_totals, p_lines, p_taxes, p_tenders) else '' end;
  v_digest := sha256(v_content);

  -- What is on record is answered from the record, before any right is asked: the shift may be over by now, and who
  -- sold gone.
  select * into x from public.pos_sales y where y.id = p_id and (c.role = 'service' or y.vendor_id = c.vendor_id);
  if found then
    select * into s from public.pos_sessions y where y.id = x.session_id;
  else
    s := onetill.require_session(c, p_session_id);
    perform onetill.require_fresh_reads();
    select * into l from public.locations y where y.id = s.location_id;
    -- What was sold offline may be sent under a colleague's login, also after who sold it left: it stays their entry. For
    -- somebody of the place of whom this shift never heard, a manager's login vouches.
    if p_recorded_by is distinct from c.user_id and p_recorded_by is not null
        and not (exists (select from public.pos_staff st where st.user_id = p_recorded_by
        and st.vendor_id = s.vendor_id and coalesce(st.location_id = s.location_id, true))
            and (onetill.took_part(p_recorded_by, s) or c.role in ('manager', 'owner', 'service')
          or exists (select from public.pos_sales y where y.session_id = s.id and y.vendor_id = s.vendor_id
              and y.user_id = p_recorded_by))) then
      perform onetill.fail(403, 'POS_USER_MISMATCH', 'Who recorded this does not work on this shift.');
    end if;
    if p_totals ->> 'currency' is distinct from l.currency then
      perform onetill.fail_sale('currency', 'currency', null, l.currency, p_totals ->> 'currency');
    end if;
    perform onetill.check_texts(p_reason, p_note, p_lines, p_taxes, p_tenders);
    perform onetill.check_lines(s, p_reason, p_note, p_lines, p_tenders);
    if p_totals ->> 'cash_step' is not null
        and coalesce(onetill.figure(p_totals ->> 'cash_step') <> all (onetill.cash_steps(l.currency)), true) then
      perform onetill.fail_sale('A7', 'cash_step', null, 'a step of cash in ' || l.currency || ': '
          || array_to_string(onetill.cash_steps(l.currency), ', '), p_totals ->> 'cash_step');
    end if;
    if p_original_id is null then
      if p_kind = 'void' then
        perform onetill.fail_sale('A9', 'original_id', null, 'the receipt that is voided', null);
      end if;
      select * into f from onetill.sale_figures(p_kind, p_lines, p_taxes, p_tenders, p_totals, null, v_plain);
    elsif p_kind in ('sale', 'discard') then
      perform onetill.fail_sale('A9', 'original_id', null, 'missing', p_original_id::text);
    end if;
    v_till := (p_receipt ->> 'till')::integer;
    v_seq := (p_receipt ->> 'seq')::bigint;
    v_link := (p_receipt ->> 'chain_seq')::bigint;
    v_number := p_receipt ->> 'number';
    v_prev := decode(p_receipt ->> 'prev_hash', 'hex');
    v_hash := decode(p_receipt ->> 'hash', 'hex');
    select g.number_prefix into v_prefix from public.pos_registers g where g.id = s.register_id;
    if v_seq is not null and v_number is distinct from onetill.receipt_number(v_prefix, v_till, v_seq) then
      perform onetill.fail_receipt('number', onetill.receipt_number(v_prefix, v_till, v_seq), v_number);
    end if;

    begin
      -- FOR NO KEY UPDATE at once: two sales that first shared the row would wait for each other.
      select * into s from public.pos_sessions y where y.id = s.id for no key update;
      -- Looked for again under the lock: the first request may have been committed a moment ago.
      select * into x from public.pos_sales y where y.id = p_id;
      if not found then
        select * into t from public.pos_tills y where y.register_id = s.register_id
            and y.till = v_till for no key update;
        if not found then
          perform onetill.fail_receipt('till', 'a till of this register', v_till::text);
        end if;
        if p_original_id is not null then
          select * into o from public.pos_sales y where y.id = p_original_id and y.vendor_id = s.vendor_id
              and y.location_id = s.location_id for no key update;
          if not found then
            perform onetill.fail(404, 'POS_SALE_NOT_FOUND', 'There is no such receipt.');
          elsif o.kind <> 'sale' then
            perform onetill.fail_sale('A9', 'original_id', null, 'a sale', o.kind);
          elsif o.currency <> p_totals ->> 'currency' then
            perform onetill.fail_sale('A9', 'currency', null, o.currency, p_totals ->> 'currency');
          elsif o.prices_include_tax::text <> p_totals ->> 'prices_include_tax' then
            perform onetill.fail_sale('A9', 'prices_include_tax', null, o.prices_include_tax::text,
                p_totals ->> 'prices_include_tax');
          end if;
          if exists (select from public.pos_sales y where y.original_id = o.id and y.vendor_id = o.vendor_id
              and y.kind = 'void') then
            perform onetill.fail(409, 'POS_ALREADY_VOIDED', 'This receipt was voided already.');
          end if;
          if p_kind = 'void' then
            if o.session_id <> s.id then
              perform onetill.fail_sale('A9', 'original_id', null, 'a receipt of this shift', o.receipt_number);
            end if;
            perform onetill.void_figures(o, p_lines, p_taxes, p_tenders, p_totals);
            select y.* into f from onetill.left_of_lines(o.id, o.vendor_id) y where y.quantity_back > 0 order by y.no
                limit 1;
            if found then
              -- What was done without asking is on paper, and the money is handed out.
              if p_receipt ->> 'offline' is distinct from 'true' then
                perform onetill.fail_nothing_left(f.no, f.quantity - f.quantity_back, f.net - f.net_back, o.currency);
              end if;
              v_flags := v_flags || 'refund_beyond'::text;
            end if;
            select o.gross, o.discount, o.net, o.tax, o.total into f;
          else
            select * into f from onetill.refund_figures(o, p_lines, p_taxes, p_tenders, p_totals);
          end if;
        end if;

        v_now := clock_timestamp();
        v_late := s.status in ('closed', 'cancelled');
        if v_late then
          v_flags := v_flags || 'late'::text;
        end if;
        -- One number, one receipt; one link, and it follows from the one before.
        if v_seq is not null and v_seq <> t.arrived + 1 and (v_seq <= t.arrived
            or exists (select from public.pos_sales y where y.register_id = s.register_id and y.till = v_till
                and y.receipt_seq = v_seq)) then
          v_flags := v_flags || 'number_repeated'::text;
        end if;
        v_broken := v_hash <> sha256(v_prev || v_content) or case
          when v_link = t.chain_seq + 1 then v_prev <> t.chain_hash
          when v_link > t.chain_seq then false
          else v_link = 1 and v_prev <> decode(repeat('00', 32), 'hex')
              or exists (select from public.pos_sales y where y.register_id = s.register_id and y.till = v_till
            and (y.chain_seq = v_link or y.chain_seq = v_link - 1 and y.hash <> v_prev or y.chain_seq = v_link + 1
                and y.prev_hash <> v_hash)) end;
        if v_broken then
          v_flags := v_flags || 'chain_broken'::text;
        end if;
        -- A past time is explained by waiting; one to come, or before the shift, is not.
        if p_device_time > v_now + interval '10 minutes' or p_device_time < s.opened_at - interval '10 minutes' then
          v_flags := v_flags || 'clock_off'::text;
        end if;
        if p_original_id is null and p_kind <> 'discard' then
          v_flags := v_flags || onetill.catalogue_flags(l, s.business_date, p_lines, p_taxes);
        end if;
        if p_kind <> 'discard' then
          r := onetill.selling_rules(l);
          v_manages := case when p_recorded_by is null or p_recorded_by is not distinct from c.user_id
              then onetill.manages(c)
            else exists (select from public.pos_staff st where st.user_id = p_recorded_by
                and st.role in ('manager', 'owner')) end;
          v_needs := onetill.needed_approvals(r, p_kind, v_manages, p_lines, f.discount, f.gross, f.total, o, v_till);
          if v_needs <> '{}' then
            with used as (
              update public.pos_approvals a set used_by_sale = p_id
                where a.subject ->> 'sale_id' = p_id::text and a.session_id = s.id and a.kind = any (v_needs)
                    and a.used_by_sale is null
                  and (a.kind = 'price' or (a.subject ->> 'limit')::numeric >= case a.kind when 'discount'
                      then f.discount else f.total end)
                returning a.kind)
            select array_agg(u.kind) into v_covered from used u;
            if not v_needs <@ coalesce(v_covered, '{}') then
              v_flags := v_flags || 'over_limit'::text;
            end if;
          end if;
        end if;

        insert into public.pos_sales (id, session_id, register_id, location_id, vendor_id, user_id, sent_by, device,
            kind, original_id, till, receipt_seq, receipt_number,
            currency, prices_include_tax, gross, discount, net, tax, total, cash_rounding, net_cash, net_card,
                net_other, line_count, reason, note, approval_id,
            age_checked, device_time, business_date, created_at, late, flags, digest, chain_seq, prev_hash, hash)
          values (p_id, s.id, s.register_id, s.location_id, s.vendor_id, coalesce(p_recorded_by, c.user_id),
              case when p_recorded_by <> c.user_id then c.user_id end, v_device,
            p_kind, p_original_id, v_till, v_seq, v_number, l.currency, (p_totals ->> 'prices_include_tax')::boolean,
                f.gross, f.discount, f.net, f.tax, f.total,
            coalesce(onetill.figure(p_totals ->> 'cash_rounding'), 0), coalesce(onetill.figure(p_totals ->> 'net_cash'),
                0), coalesce(onetill.figure(p_totals ->> 'net_card'), 0),
            coalesce(onetill.figure(p_totals ->> 'net_other'), 0), jsonb_array_length(p_lines), nullif(p_reason, ''),
                nullif(p_note, ''), p_approval_id, coalesce(p_age_checked, false),
            p_device_time, s.business_date, v_now, v_late, v_flags, v_digest, v_link, v_prev, v_hash)
          on conflict (id) do nothing
          returning * into x;
        if found then
          v_outcome := case when v_late then 'late' else 'recorded' end;
          insert into public.pos_sale_lines (sale_id, no, vendor_id, item_id, name, code, unit, quantity, unit_price,
              gross, discount, cart_discount, net, tax_code,
              original_line, list_price, discount_reason)
            select p_id, y.no, s.vendor_id, y.item_id, nullif(y.name, ''), nullif(y.code, ''), nullif(y.unit, ''),
                y.quantity, y.unit_price, y.gross, coalesce(y.discount, 0),
                coalesce(y.cart_discount, 0), y.net, nullif(y.tax_code, ''), y.original_line, y.list_price,
                    nullif(y.discount_reason, '')
              from rows from (jsonb_to_recordset(p_lines) as (item_id uuid, name text, code text, unit text,
                  quantity numeric, unit_price numeric, gross numeric,
                discount numeric, cart_discount numeric, net numeric, tax_code text, original_line smallint,
                    list_price numeric, discount_reason text)) with ordinality
                y(item_id, name, code, unit, quantity, unit_price, gross, discount, cart_discount, net, tax_code,
                    original_line, list_price, discount_reason, no);
          if p_taxes <> '[]' then
            insert into public.pos_sale_taxes (sale_id, no, vendor_id, tax_code, component, rate, base, tax)
              select p_id, y.no, s.vendor_id, y.e ->> 'tax_code', y.e ->> 'component', (y.e ->> 'rate')::numeric,
                  (y.e ->> 'base')::numeric, (y.e ->> 'tax')::numeric
                from jsonb_array_elements(p_taxes) with ordinality y(e, no);
          end if;
          if p_tenders <> '[]' then
            insert into public.pos_sale_tenders (sale_id, no, vendor_id, kind, label, amount, tendered, change,
                reference)
              select p_id, y.no, s.vendor_id, y.kind, nullif(y.label, ''), y.amount, y.tendered, y.change,
                  nullif(y.reference, '')
                from rows from (jsonb_to_recordset(p_tenders) as (kind text, label text, amount numeric,
                    tendered numeric, change numeric, reference text)) with ordinality
                  y(kind, label, amount, tendered, change, reference, no);
          end if;
          if v_flags <> '{}' then
            insert into public.pos_sale_flags (sale_id, flag, vendor_id, location_id, register_id) select p_id, y.flag,
                s.vendor_id, s.location_id, s.register_id from unnest(v_flags) y(flag);
          end if;

          -- How far this till's receipts are here: the next number, and those above it that came first.
          v_arrived := t.arrived;
          if v_seq = v_arrived + 1 then
            v_arrived := v_seq;
            while v_arrived < t.issued and exists (select from public.pos_sales y where y.register_id = s.register_id
                and y.till = v_till and y.receipt_seq = v_arrived + 1) loop
              v_arrived := v_arrived + 1;
            end loop;
          end if;
          v_told := case when v_device = t.device then onetill.told_receipt() end;
          update public.pos_tills y set issued = greatest(y.issued, v_seq, v_told), arrived = v_arrived,
              chain_seq = greatest(y.chain_seq, v_link),
              chain_hash = case when v_link > y.chain_seq then v_hash else y.chain_hash end
            where y.register_id = s.register_id and y.till = v_till;

          -- By what it adds, never to what it should be: web clients add their own beside it.
          if not v_late and p_kind <> 'discard' then
            v_sign := case p_kind when 'sale' then 1 else -1 end;
            update public.pos_sessions y set
                ledger_sales = y.ledger_sales + v_sign * x.total, ledger_cash = y.ledger_cash + x.net_cash,
                    ledger_card = y.ledger_card + x.net_card,
                ledger_transactions = y.ledger_transactions + (p_kind = 'sale')::integer,
                total_sales = coalesce(y.total_sales, 0) + v_sign * x.total,
                    total_cash = coalesce(y.total_cash, 0) + x.net_cash,
                total_card = coalesce(y.total_card, 0) + x.net_card, total_transactions = coalesce(y.total_transactions,
                    0) + (p_kind = 'sale')::integer,
                walk_in_sales = coalesce(y.walk_in_sales, 0) + (p_kind = 'sale')::integer,
                total_refunds = coalesce(y.total_refunds, 0) + case when v_sign = -1 then x.total else 0 end,
                    last_transaction_at = v_now
              where y.id = s.id returning * into s;
          end if;
        else
          select * into x from public.pos_sales y where y.id = p_id;
        end if;
      end if;
    exception
      when numeric_value_out_of_range then
        perform onetill.fail_sale('A1', 'total', null, 'an amount that this shift''s totals can hold',
            p_totals ->> 'total');
      when lock_not_available or serialization_failure or deadlock_detected then
        perform onetill.fail_busy();
    end;
  end if;
  if x.digest <> v_digest or x.session_id is distinct from p_session_id then
    perform onetill.fail(422, 'POS_KEY_REUSED', 'This id was used for another entry.');
  end if;
  return jsonb_build_object('outcome', v_outcome, 'sale', onetill.sale_json(x), 'revision', onetill.revision(s),
      'server_time', onetill.instant(clock_timestamp()));
end $$;

-- ---------------------------------------------------------------- reading

-- One receipt whole: what was sold and how it was paid, what came back of it and what still can. By its id or its
-- number.
create or replace function public.pos_sale(p_id uuid default null, p_receipt_number text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; x public.pos_sales; v_void boolean;
begin
  c := onetill.caller();
  if p_id is not null then
    select * into x from public.pos_sales y where y.id = p_id and (c.role = 'service' or y.vendor_id = c.vendor_id);
  else
    -- Register, letter and number; the register's own part may have hyphens. Of one number twice the newer one.
    select y.* into x from regexp_match(upper(trim(p_receipt_number)), '^(.+)-([A-Z]{1,3})-([0-9]{1,12})$') m(part)
      join public.pos_registers g on upper(g.number_prefix) = m.part[1]
          and (c.role = 'service' or g.vendor_id = c.vendor_id)
      join public.pos_tills t on t.register_id = g.id and onetill.letter(t.till) = m.part[2]
      join public.pos_sales y on y.register_id = g.id and y.till = t.till and y.receipt_seq = m.part[3]::bigint
      order by y.created_at desc, y.id desc limit 1;
  end if;
  if x.id is null then
    perform onetill.fail(404, 'POS_SALE_NOT_FOUND', 'There is no such receipt.');
  elsif c.location_id <> x.location_id then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at another location.');
  end if;
  v_void := exists (select from public.pos_sales y where y.original_id = x.id and y.vendor_id = x.vendor_id
      and y.kind = 'void');
  return jsonb_build_object(
    'sale', onetill.sale_json(x) || jsonb_build_object('voided', v_void, 'recorded_by', x.user_id,
      'receipt', jsonb_build_object('till', x.till, 'seq', x.receipt_seq, 'number', x.receipt_number, 'chain_seq',
          x.chain_seq, 'prev_hash', encode(x.prev_hash, 'hex'), 'hash', encode(x.hash, 'hex')),
      'lines', coalesce((
        select jsonb_agg(jsonb_build_object('no', y.no, 'item_id', y.item_id, 'name', y.name, 'code', y.code, 'unit',
            y.unit, 'quantity', trim_scale(y.quantity)::text,
            'unit_price', onetill.money(y.unit_price, x.currency), 'gross', onetill.money(y.gross, x.currency),
                'discount', onetill.money(y.discount, x.currency),
            'cart_discount', onetill.money(y.cart_discount, x.currency), 'net', onetill.money(y.net, x.currency),
                'tax_code', y.tax_code, 'original_line', y.original_line,
            'list_price', onetill.money(y.list_price, x.currency), 'discount_reason', y.discount_reason) order by y.no)
          from public.pos_sale_lines y where y.sale_id = x.id), '[]'),
      'taxes', coalesce((
        select jsonb_agg(jsonb_build_object('tax_code', y.tax_code, 'component', y.component, 'rate',
            trim_scale(y.rate)::text, 'base', onetill.money(y.base, x.currency),
            'tax', onetill.money(y.tax, x.currency)) order by y.no) from public.pos_sale_taxes y
                where y.sale_id = x.id), '[]'),
      'tenders', onetill.tenders_json(x)),
    'refundable', case when x.kind = 'sale' and not v_void then jsonb_build_object(
      'lines', coalesce((
        select jsonb_agg(jsonb_build_object('no', y.no, 'quantity', trim_scale(y.quantity - y.quantity_back)::text,
            'net', onetill.money(y.net - y.net_back, x.currency)) order by y.no)
          from onetill.left_of_lines(x.id, x.vendor_id) y), '[]'),
      'taxes', coalesce((
        select jsonb_agg(jsonb_build_object('tax_code', y.tax_code, 'component', y.component, 'base',
            onetill.money(y.base - y.base_back, x.currency),
            'tax', onetill.money(y.tax - y.tax_back, x.currency))) from onetill.left_of_taxes(x.id, x.vendor_id) y),
                '[]'),
      'tenders', onetill.tenders_json(x)) end,
    'refunds', coalesce((
      select jsonb_agg(onetill.sale_json(y) || jsonb_build_object('tenders', onetill.tenders_json(y), 'lines', (
            select jsonb_agg(jsonb_build_object('original_line', b.original_line, 'quantity',
                trim_scale(b.quantity)::text, 'net', onetill.money(b.net, x.currency)) order by b.no)
              from public.pos_sale_lines b where b.sale_id = y.id),
          'taxes', coalesce((
            select jsonb_agg(jsonb_build_object('tax_code', b.tax_code, 'component', b.component, 'base',
                onetill.money(b.base, x.currency), 'tax', onetill.money(b.tax, x.currency)) order by b.no)
              from public.pos_sale_taxes b where b.sale_id = y.id), '[]')) order by y.created_at, y.id)
        from public.pos_sales y where y.original_id = x.id and y.vendor_id = x.vendor_id), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function onetill.tenders_json(x public.pos_sales) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('no', y.no, 'kind', y.kind, 'label', y.label, 'amount',
        onetill.money(y.amount, x.currency),
        'tendered', onetill.money(y.tendered, x.currency), 'change', onetill.money(y.change, x.currency), 'reference',
            y.reference) order by y.no)
      from public.pos_sale_tenders y where y.sale_id = x.id), '[]');
end $$;

-- The entries of a shift, newest first; the next page is what is before the last one of this.
create or replace function public.pos_sales(p_session_id uuid, p_before uuid default null,
    p_limit integer default 50) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; s public.pos_sessions; v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 200);
b public.pos_sales; v_rows jsonb;
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  if p_before is not null then
    select * into b from public.pos_sales y where y.id = p_before and y.session_id = s.id and y.vendor_id = s.vendor_id;
    if not found then
      perform onetill.fail(404, 'POS_SALE_NOT_FOUND', 'There is no such receipt.');
    end if;
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('id', y.id, 'receipt_number', y.receipt_number, 'kind', y.kind,
      'original_id', y.original_id, 'total', onetill.money(y.total, y.currency),
      'tenders', onetill.tenders_json(y), 'by_name', coalesce(onetill.staff_name(y.user_id), ''), 'recorded_at',
          onetill.instant(y.created_at),
      'device_time', onetill.instant(y.device_time), 'late', y.late, 'flags', to_jsonb(y.flags))
          order by y.created_at desc, y.id desc), '[]')
    into v_rows
    from (select z.* from public.pos_sales z where z.session_id = s.id and z.vendor_id = s.vendor_id
        and (b.id is null or (z.created_at, z.id) < (b.created_at, b.id))
      order by z.created_at desc, z.id desc limit v_limit) y;
  return jsonb_build_object('session_id', s.id, 'sales', v_rows, 'more', jsonb_array_length(v_rows) = v_limit,
      'server_time', onetill.instant(clock_timestamp()));
end $$;

-- A manager has looked at what was flagged; the flag stays on the entry.
create or replace function public.pos_settle_flag(p_sale_id uuid, p_flag text, p_note text) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; g public.pos_sale_flags; v_outcome text := 'replayed';
begin
  c := onetill.caller();
  select * into g from public.pos_sale_flags y where y.sale_id = p_sale_id and y.flag = p_flag
      and (c.role = 'service' or y.vendor_id = c.vendor_id);
  if g.settled_at is null or g.settled_by is distinct from c.user_id then
    perform onetill.require_manager(c);
    if g.sale_id is null then
      perform onetill.fail(404, 'POS_SALE_NOT_FOUND', 'There is no such flag on such a receipt.');
    end if;
    perform onetill.require_location(c, g.location_id);
  end if;
  if onetill.holds_card_number(p_note) then
    perform onetill.fail_sale('card_number', 'note', null, 'no number of a card', 'one that looks like it');
  end if;
  update public.pos_sale_flags y set settled_by = c.user_id, settled_at = clock_timestamp(),
      note = nullif(left(trim(p_note), 1000), '')
    where y.sale_id = g.sale_id and y.flag = g.flag and y.settled_at is null returning * into g;
  if found then
    v_outcome := 'settled';
  else
    select * into g from public.pos_sale_flags y where y.sale_id = p_sale_id and y.flag = p_flag;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'flag', jsonb_build_object('sale_id', g.sale_id, 'flag', g.flag,
      'settled_by_name', onetill.staff_name(g.settled_by),
    'settled_at', onetill.instant(g.settled_at), 'note', g.note), 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

revoke all on function onetill.keep_sale(), onetill.guard_ledger(), onetill.guard_cancel(), onetill.letter(integer),
    onetill.receipt_number(text, integer, bigint),
  onetill.told_receipt(), onetill.hear_receipts(public.pos_sessions), onetill.approval_json(public.pos_approvals),
      onetill.sale_json(public.pos_sales),
  onetill.fail_receipt(text, text, text), onetill.check_receipt(text, jsonb),
      onetill.check_lines(public.pos_sessions, text, text, jsonb, jsonb),
  onetill.label_says(public.locations, text, numeric), onetill.catalogue_flags(public.locations, date, jsonb, jsonb),
  onetill.needed_approvals(public.pos_selling_rules, text, boolean, jsonb, numeric, numeric, numeric, public.pos_sales,
      integer),
  onetill.tenders_json(public.pos_sales) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_till(uuid)',
  'public.pos_approve(uuid, text, jsonb, text)',
  'public.pos_record_sale(uuid, uuid, text, jsonb, jsonb, jsonb, jsonb, jsonb, uuid, text, text, uuid, boolean,
    timestamptz, uuid)',
  'public.pos_sale(uuid, text)',
  'public.pos_sales(uuid, uuid, integer)',
  'public.pos_settle_flag(uuid, text, text)']::regprocedure[]) f;
