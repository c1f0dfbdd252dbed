-- What the ledger of sales adds to the sheets: X and Z, the board, the end of a day, health; and the audit of the
-- chain.

-- An entry in one line of a sheet.
create or replace function onetill.entry_json(x public.pos_sales) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('id', x.id, 'kind', x.kind, 'receipt_number', x.receipt_number, 'session_id', x.session_id,
    'session_number', (select s.session_number from public.pos_sessions s where s.id = x.session_id), 'business_date',
        x.business_date, 'total', onetill.money(x.total, x.currency),
    'net_cash', onetill.money(x.net_cash, x.currency), 'net_card', onetill.money(x.net_card, x.currency), 'net_other',
        onetill.money(x.net_other, x.currency),
    'by_name', coalesce(onetill.staff_name(x.user_id), ''), 'device_time', onetill.instant(x.device_time),
        'recorded_at', onetill.instant(x.created_at));
end $$;

-- The figures of these shifts' entries that came in time. Taxes, tenders and rounding are what is left of sales after
-- refunds and voids.
-- By index from the shifts down: PostgreSQL cannot know how little these shifts have of all that was ever sold, and
-- would read all of it.
create or replace function onetill.sales_json(p_sessions uuid[], p_vendor_id uuid, p_currency text) returns jsonb
language plpgsql stable set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
declare v_figures jsonb; v_taxes jsonb; v_tenders jsonb;
begin
  select jsonb_build_object(
      'sales', jsonb_build_object('count', count(*) filter (where x.kind = 'sale'), 'gross',
          onetill.money(coalesce(sum(x.gross) filter (where x.kind = 'sale'), 0), p_currency),
        'discount', onetill.money(coalesce(sum(x.discount) filter (where x.kind = 'sale'), 0), p_currency), 'net',
            onetill.money(coalesce(sum(x.net) filter (where x.kind = 'sale'), 0), p_currency),
        'tax', onetill.money(coalesce(sum(x.tax) filter (where x.kind = 'sale'), 0), p_currency), 'total',
            onetill.money(coalesce(sum(x.total) filter (where x.kind = 'sale'), 0), p_currency)),
      'refunds', jsonb_build_object('count', count(*) filter (where x.kind = 'refund'), 'amount',
          onetill.money(coalesce(sum(x.total) filter (where x.kind = 'refund'), 0), p_currency)),
      'voids', jsonb_build_object('count', count(*) filter (where x.kind = 'void'), 'amount',
          onetill.money(coalesce(sum(x.total) filter (where x.kind = 'void'), 0), p_currency)),
      'discards', jsonb_build_object('count', count(*) filter (where x.kind = 'discard'), 'amount',
          onetill.money(coalesce(sum(x.total) filter (where x.kind = 'discard'), 0), p_currency)),
      'cash_rounding', onetill.money(coalesce(sum(case x.kind when 'sale' then x.cash_rounding when 'discard' then 0
          else -x.cash_rounding end), 0), p_currency))
    into v_figures from public.pos_sales x where x.session_id = any (p_sessions) and x.vendor_id = p_vendor_id
        and not x.late;
  if (v_figures #>> '{sales,count}', v_figures #>> '{refunds,count}', v_figures #>> '{voids,count}') <> ('0', '0', '0')
      then
    select jsonb_agg(jsonb_build_object('tax_code', t.tax_code, 'component', t.component, 'rate',
        trim_scale(t.rate)::text, 'base', onetill.money(t.base, p_currency),
        'tax', onetill.money(t.tax, p_currency)) order by t.tax_code, t.component, t.rate) into v_taxes
      from (select y.tax_code, y.component, y.rate, sum(case x.kind when 'sale' then y.base else -y.base end) as base,
          sum(case x.kind when 'sale' then y.tax else -y.tax end) as tax
        from public.pos_sales x join public.pos_sale_taxes y on y.sale_id = x.id
        where x.session_id = any (p_sessions) and x.vendor_id = p_vendor_id and not x.late and x.kind <> 'discard'
            group by 1, 2, 3) t;
    select jsonb_agg(jsonb_build_object('kind', t.kind, 'label', t.label, 'count', t.n, 'amount',
        onetill.money(t.amount, p_currency)) order by t.kind, t.label nulls first) into v_tenders
      from (select y.kind, y.label, count(*) as n, sum(case x.kind when 'sale' then y.amount else -y.amount end)
          as amount
        from public.pos_sales x join public.pos_sale_tenders y on y.sale_id = x.id
        where x.session_id = any (p_sessions) and x.vendor_id = p_vendor_id and not x.late group by 1, 2) t;
  end if;
  return v_figures || jsonb_build_object('taxes', coalesce(v_taxes, '[]'), 'tenders', coalesce(v_tenders, '[]'));
end $$;

-- Which receipts of a register's tills are not here yet, as far as each till was last heard: `missing`, and the first
-- twenty of their numbers.
-- With a session also its first and last receipt of each till. A till with neither is left out.
create or replace function onetill.receipts_json(p_register_id uuid, p_session_id uuid, p_vendor_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('till', t.till, 'letter', onetill.letter(t.till), 'prefix',
        g.number_prefix || '-' || onetill.letter(t.till),
        'first', case when r.first is not null then onetill.receipt_number(g.number_prefix, t.till, r.first) end,
        'last', case when r.last is not null then onetill.receipt_number(g.number_prefix, t.till, r.last) end, 'count',
            coalesce(r.n, 0),
        'missing', m.missing, 'missing_numbers', coalesce((
          select jsonb_agg(onetill.receipt_number(g.number_prefix, t.till, z.seq) order by z.seq) from (
            select i.seq from generate_series(t.arrived + 1, t.issued) i(seq)
              where m.missing > 0 and not exists (select from public.pos_sales y where y.register_id = t.register_id
                  and y.till = t.till and y.receipt_seq = i.seq)
              limit 20) z), '[]')) order by t.till)
      from public.pos_tills t join public.pos_registers g on g.id = t.register_id
      cross join lateral (select case when t.issued = t.arrived then 0
          else t.issued - t.arrived - (select count(distinct y.receipt_seq) from public.pos_sales y
        where y.register_id = t.register_id and y.till = t.till and y.receipt_seq > t.arrived) end as missing) m
      left join (select y.till, min(y.receipt_seq) as first, max(y.receipt_seq) as last, count(y.receipt_seq) as n
          from public.pos_sales y
        where y.session_id = p_session_id and y.vendor_id = p_vendor_id and not y.late group by 1) r on r.till = t.till
      where t.register_id = p_register_id and (r.n > 0 or m.missing > 0)), '[]');
end $$;

-- What other clients added to the totals of these shifts beside the ledger; null where that is nothing.
create or replace function onetill.other_clients(p_sessions uuid[], p_currency text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare o record;
begin
  select sum(coalesce(s.total_sales, 0) - s.ledger_sales) as sales,
      sum(coalesce(s.total_cash, 0) - s.ledger_cash) as cash, sum(coalesce(s.total_card, 0) - s.ledger_card) as card,
      sum(coalesce(s.total_transactions, 0) - s.ledger_transactions) as transactions into o
    from public.pos_sessions s where s.id = any (p_sessions);
  if (o.sales, o.cash, o.card, o.transactions) is not distinct from (0, 0, 0, 0) or o.sales is null then
    return null;
  end if;
  return jsonb_build_object('total_sales', onetill.money(o.sales, p_currency),
    'total_cash', onetill.money(o.cash, p_currency), 'total_card', onetill.money(o.card, p_currency),
    'total_transactions', o.transactions);
end $$;

-- On X and Z: the figures, what did not come yet, what came late, and what other clients added beside.
create or replace function onetill.sales_of_shift(s public.pos_sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
declare v_currency text; l record;
begin
  select x.currency into v_currency from public.locations x where x.id = s.location_id;
  select coalesce(sum(case x.kind when 'sale' then x.total when 'discard' then 0 else -x.total end), 0) as sales,
      coalesce(sum(x.net_cash), 0) as cash, coalesce(sum(x.net_card), 0) as card,
      count(*) filter (where x.kind = 'sale') as transactions into l
    from public.pos_sales x where x.session_id = s.id and x.vendor_id = s.vendor_id and not x.late;
  return onetill.sales_json(array[s.id], s.vendor_id, v_currency) || jsonb_build_object(
    'receipts', onetill.receipts_json(s.register_id, s.id, s.vendor_id),
    'late', coalesce((select jsonb_agg(onetill.entry_json(x) order by x.created_at, x.id) from public.pos_sales x
        where x.session_id = s.id and x.vendor_id = s.vendor_id and x.late), '[]'),
    -- False where somebody changed what the ledger had added to the shift.
    'ledger_agrees', (l.sales, l.cash, l.card, l.transactions) is not distinct
        from (s.ledger_sales, s.ledger_cash, s.ledger_card, s.ledger_transactions::bigint),
    'other_clients', onetill.other_clients(array[s.id], v_currency));
end $$;

-- In a Z report besides: what came late of earlier shifts of the register since its last one. Each is told once; one
-- that a manager settles at
-- this moment is told in the next.
create or replace function onetill.addendum(s public.pos_sessions) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  update public.pos_sale_flags g set addendum_of = s.id
    where (g.sale_id, g.flag) in (select y.sale_id, y.flag from public.pos_sale_flags y
        where y.register_id = s.register_id and y.flag = 'late' and y.addendum_of is null
      for no key update skip locked);
  return jsonb_build_object('addendum', coalesce((
    select jsonb_agg(onetill.entry_json(x) order by x.created_at, x.id) from public.pos_sale_flags g
        join public.pos_sales x on x.id = g.sale_id where g.addendum_of = s.id), '[]'));
end $$;

-- On the board: what other clients added to an open shift in which we sell, too, what is missing, and what is flagged and
-- not settled, the oldest first.
create or replace function onetill.sales_of_register(r public.pos_registers) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('other_clients', onetill.other_clients(array(select s.id from public.pos_sessions s
      where s.register_id = r.id and s.status = 'open' and s.ledger_transactions > 0),
      (select l.currency from public.locations l where l.id = r.location_id)),
    'receipts', onetill.receipts_json(r.id, null, r.vendor_id), 'flags', coalesce((
    select jsonb_agg(onetill.entry_json(x) || jsonb_build_object('flag', g.flag, 'flagged_at', onetill.instant(g.at))
        order by g.at, g.sale_id, g.flag)
      from (select y.* from public.pos_sale_flags y where y.register_id = r.id and y.settled_at is null order by y.at
          limit 100) g join public.pos_sales x on x.id = g.sale_id), '[]'));
end $$;

-- At the end of a day: its figures over all shifts, what other clients added to these, what came late of them, and what
-- is still missing.
create or replace function onetill.sales_of_day(l public.locations, p_date date) returns jsonb
language plpgsql stable set search_path = '' as $$
declare v_sessions uuid[];
begin
  select coalesce(array_agg(s.id), '{}') into v_sessions from public.pos_registers r
    join public.pos_sessions s on s.register_id = r.id and s.location_id = r.location_id and s.vendor_id = r.vendor_id
      and s.opened_at >= p_date - interval '2 days' and s.opened_at < p_date + interval '3 days'
          and s.business_date = p_date
    where r.location_id = l.id;
  return onetill.sales_json(v_sessions, l.vendor_id, l.currency) || jsonb_build_object(
    'other_clients', onetill.other_clients(v_sessions, l.currency),
    'late', coalesce((select jsonb_agg(onetill.entry_json(x) || jsonb_build_object('settled', g.settled_at is not null)
        order by x.created_at, x.id)
      from public.pos_sales x join public.pos_sale_flags g on g.sale_id = x.id and g.flag = 'late'
      where x.session_id = any (v_sessions) and x.vendor_id = l.vendor_id and x.late), '[]'),
    -- Whatever was flagged, settled or not; no more than 500, those that nobody settled first.
    'flags', coalesce((select jsonb_agg(onetill.entry_json(x) || jsonb_build_object('flag', g.flag,
          'flagged_at', onetill.instant(g.at), 'settled_at', onetill.instant(g.settled_at), 'settled_by_name',
          case when g.settled_at is not null then coalesce(onetill.staff_name(g.settled_by), '') end, 'note', g.note)
        order by g.settled_at is not null, g.at, g.sale_id, g.flag)
      from (select y.* from public.pos_sales s join public.pos_sale_flags y on y.sale_id = s.id
          where s.session_id = any (v_sessions) and s.vendor_id = l.vendor_id and cardinality(s.flags) > 0
          order by y.settled_at is not null, y.at limit 500) g join public.pos_sales x on x.id = g.sale_id), '[]'),
    'receipts', coalesce((select jsonb_agg(y.till order by r.register_number, r.id) from public.pos_registers r
      cross join lateral jsonb_array_elements(onetill.receipts_json(r.id, null, r.vendor_id)) y(till)
          where r.location_id = l.id), '[]'));
end $$;

-- ---------------------------------------------------------------- whether it is still what was recorded

-- The content of an entry as it stands in the tables. Who recorded it may have been left unsaid: then it is null in the
-- content.
create or replace function onetill.content_of(x public.pos_sales, p_recorded_by uuid) returns bytea
language plpgsql stable set search_path = '' as $$
begin
  return onetill.canonical(x.id, x.session_id, x.kind, x.original_id, jsonb_build_object('till', x.till, 'seq',
      x.receipt_seq, 'number', x.receipt_number, 'chain_seq', x.chain_seq),
    x.device_time, p_recorded_by, x.reason, x.note, x.age_checked,
    jsonb_build_object('currency', x.currency, 'prices_include_tax', x.prices_include_tax, 'gross', x.gross::text,
        'discount', x.discount::text, 'net', x.net::text, 'tax', x.tax::text,
      'total', x.total::text, 'cash_rounding', x.cash_rounding::text, 'net_cash', x.net_cash::text, 'net_card',
          x.net_card::text, 'net_other', x.net_other::text),
    coalesce((select jsonb_agg(to_jsonb(y) order by y.no) from public.pos_sale_lines y where y.sale_id = x.id), '[]'),
    coalesce((select jsonb_agg(to_jsonb(y) order by y.no) from public.pos_sale_taxes y where y.sale_id = x.id), '[]'),
    coalesce((select jsonb_agg(to_jsonb(y) order by y.no) from public.pos_sale_tenders y where y.sale_id = x.id),
        '[]'));
end $$;

-- Entries of the business dates from this one on that are not what was recorded, or whose link to the one before them
-- is broken or gone, and shifts to
-- which the ledger has not added what it holds. For the project's own login, once a night; nothing is well.
create or replace function onetill.audit(p_since date, p_vendor_id uuid default null)
returns table (problem text, id uuid, number text)
language plpgsql stable set search_path = '' as $$
begin
  return query
    select case
        when x.digest not in (sha256(onetill.content_of(x, x.user_id)), sha256(onetill.content_of(x, null)))
            then 'changed since it was recorded'
        when b.id is null then 'the entry before it is not here'
        else 'does not follow from the entry before it' end, x.id, coalesce(x.receipt_number, x.kind)
      from public.pos_sessions s join public.pos_sales x on x.session_id = s.id and x.vendor_id = s.vendor_id
      left join lateral (select y.id, y.hash from public.pos_sales y where y.register_id = x.register_id
          and y.till = x.till and y.chain_seq = x.chain_seq - 1
        order by y.hash = x.prev_hash desc limit 1) b on true
      join public.pos_tills t on t.register_id = x.register_id and t.till = x.till
      where s.business_date >= p_since and coalesce(s.vendor_id = p_vendor_id, true)
        and (x.digest not in (sha256(onetill.content_of(x, x.user_id)), sha256(onetill.content_of(x, null)))
          or x.chain_seq > 1 and b.hash is distinct from x.prev_hash and (b.id is not null
              or x.chain_seq > t.retired + 1))
    union all
    select 'the ledger of this shift does not add up', s.id, s.session_number::text from public.pos_sessions s
      cross join lateral (select sum(case x.kind when 'sale' then x.total when 'discard' then 0 else -x.total end)
          as sales, sum(x.net_cash) as cash, sum(x.net_card) as card,
          count(*) filter (where x.kind = 'sale') as transactions from public.pos_sales x where x.session_id = s.id
              and x.vendor_id = s.vendor_id and not x.late) l
      where s.business_date >= p_since and coalesce(s.vendor_id = p_vendor_id, true)
        and (s.ledger_sales, s.ledger_cash, s.ledger_card, s.ledger_transactions) is distinct from
          (coalesce(l.sales, 0), coalesce(l.cash, 0), coalesce(l.card, 0), coalesce(l.transactions, 0)::integer);
end $$;

-- ---------------------------------------------------------------- health

-- Sells on the scratch shift of health, and takes it back: what it leaves in the drawer is nothing.
create or replace function onetill.try_selling(p_session_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  s public.pos_sessions; v_currency text; v_prefix text; v_id uuid := gen_random_uuid(); v_receipt jsonb;
  v_hash bytea := decode(repeat('00', 32), 'hex'); v_kind text; v_seq integer := 0;
  v_lines jsonb := jsonb '[{"name": "Tried", "quantity": "2", "unit_price": "5", "gross": "10", "net": "10"}]';
  v_tenders jsonb := jsonb '[{"kind": "cash", "amount": "10", "tendered": "20", "change": "10"}]';
  v_totals jsonb; v_original uuid; v_answer jsonb;
begin
  select * into s from public.pos_sessions x where x.id = p_session_id;
  select x.currency, r.number_prefix into v_currency, v_prefix from public.locations x
      join public.pos_registers r on r.id = s.register_id where x.id = s.location_id;
  insert into public.pos_tills (register_id, till, device, location_id, vendor_id)
      values (s.register_id, 1, gen_random_uuid(), s.location_id, s.vendor_id);
  v_totals := jsonb_build_object('currency', v_currency, 'prices_include_tax', false, 'gross', '10', 'net', '10', 'tax',
      '0', 'total', '10', 'net_cash', '10');
  foreach v_kind in array array['sale', 'refund'] loop
    v_seq := v_seq + 1;
    v_receipt := jsonb_build_object('till', 1, 'seq', v_seq, 'number', onetill.receipt_number(v_prefix, 1, v_seq),
        'chain_seq', v_seq, 'prev_hash', encode(v_hash, 'hex'));
    v_hash := sha256(v_hash || onetill.canonical(v_id, s.id, v_kind, v_original, v_receipt, null, null, null, null,
        false, v_totals, v_lines, '[]', v_tenders));
    v_answer := public.pos_record_sale(v_id, s.id, v_kind, v_receipt || jsonb_build_object('hash',
        encode(v_hash, 'hex')), v_lines, '[]', v_tenders, v_totals, v_original);
    if v_answer ->> 'outcome' <> 'recorded' or v_answer #> '{sale,flags}' <> '[]' then
      raise exception '% came back as %', v_kind, v_answer;
    end if;
    v_original := v_id;
    v_id := gen_random_uuid();
    v_lines := jsonb_set(v_lines, '{0,original_line}', '1');
    v_tenders := '[{"kind": "cash", "amount": "10"}]';
    v_totals := v_totals || '{"net_cash": "-10"}';
  end loop;
  if exists (select from public.pos_sessions x where x.id = s.id and (x.total_cash is distinct from s.total_cash
      or x.ledger_cash <> 0 or x.ledger_transactions <> 1)) then
    raise exception 'a sale that was taken back left something in the drawer';
  end if;
end $$;

create or replace function onetill.selling_checks(p_vendor_id uuid, out check_name text, out ok boolean,
    out detail text, out remedy text) returns setof record
language plpgsql volatile set search_path = '' as $$
declare v_bad text;
begin
  select string_agg(x.name, ', ') into v_bad from unnest(array['keep_sale', 'keep_sale_line', 'keep_sale_tax',
      'keep_sale_tender', 'keep_sale_flag', 'keep_till', 'keep_approval',
      'guard_ledger', 'guard_cancel', 'number_item', 'number_its_item', 'number_settings']) x(name)
    where not exists (select from pg_catalog.pg_trigger t where t.tgname = x.name and t.tgenabled in ('O', 'A'));
  return query select 'selling_guards', v_bad is null, coalesce('Missing: ' || v_bad,
      'The ledger of sales holds still.'), 'Apply the migrations of Onetill again.';

  select string_agg(x.name, ', ') into v_bad from unnest(array['pos_tills_register', 'pos_sales_session',
      'pos_sales_original', 'pos_sales_till', 'pos_sale_lines_sale', 'pos_sale_taxes_sale',
      'pos_sale_tenders_sale', 'pos_sale_flags_sale', 'pos_item_codes_item', 'pos_item_prices_item',
          'pos_item_prices_location', 'pos_taxes_location', 'pos_quick_keys_item',
      'pos_quick_keys_location', 'pos_selling_rules_location', 'pos_approvals_session']) x(name)
    where not exists (select from pg_catalog.pg_constraint k where k.conname = x.name and k.contype = 'f'
        and k.convalidated);
  return query select 'selling_keys', v_bad is null, coalesce('Missing: ' || v_bad,
      'Sales, shifts and items cannot be of different vendors.'), 'Apply the migrations of Onetill again.';

  -- The shifts that are not settled; the nightly audit looks at all of a period.
  select string_agg(s.session_number, ', ') into v_bad from public.pos_sessions s
    cross join lateral (select coalesce(sum(case x.kind when 'sale' then x.total when 'discard' then 0
        else -x.total end), 0) as sales, coalesce(sum(x.net_cash), 0) as cash,
        coalesce(sum(x.net_card), 0) as card, count(*) filter (where x.kind = 'sale') as transactions
      from public.pos_sales x where x.session_id = s.id and x.vendor_id = s.vendor_id and not x.late) l
    where s.status in ('open', 'ended') and coalesce(s.vendor_id = p_vendor_id, true)
      and (s.ledger_sales, s.ledger_cash, s.ledger_card, s.ledger_transactions::bigint) is distinct
          from (l.sales, l.cash, l.card, l.transactions);
  return query select 'ledger', v_bad is null, coalesce('It does not add up in ' || v_bad,
      'What sales added to each open shift is what was sold.'),
    'Somebody changed rows past the functions: compare with `select * from onetill.audit(current_date - 7)`.';

  -- Receipts that are still under way are no illness.
  select string_agg((y.till ->> 'prefix') || ': ' || (y.till ->> 'missing') || ' receipts not here yet',
      ', ') into v_bad
    from public.pos_tills t join public.pos_registers r on r.id = t.register_id
    cross join lateral jsonb_array_elements(onetill.receipts_json(r.id, null, r.vendor_id)) y(till)
    where t.issued > t.arrived and coalesce(t.vendor_id = p_vendor_id, true) and (y.till ->> 'till')::integer = t.till;
  return query select 'receipts', true, coalesce(v_bad, 'Every receipt that a till told of is here.'), null::text;
end $$;

revoke all on function onetill.entry_json(public.pos_sales), onetill.sales_json(uuid[], uuid, text),
    onetill.receipts_json(uuid, uuid, uuid), onetill.other_clients(uuid[], text),
  onetill.sales_of_shift(public.pos_sessions), onetill.addendum(public.pos_sessions),
      onetill.sales_of_register(public.pos_registers), onetill.sales_of_day(public.locations, date),
  onetill.content_of(public.pos_sales, uuid), onetill.audit(date, uuid), onetill.try_selling(uuid),
      onetill.selling_checks(uuid) from public, anon, authenticated;
