-- What a sale comes to. Every figure of an entry is computed here again from its quantities, prices, discounts and rates, and what
-- a client computed otherwise is refused by the number of the rule. The registers compute the same by the same rules; the vectors in
-- tests/vectors hold both together. supabase/README.md has the rules A1 to A10 in words.

-- A figure that cannot be true.
create or replace function onetill.fail_sale(p_rule text, p_field text, p_no bigint, p_expected text, p_got text) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(400, case when p_rule in ('A7', 'A8') then 'POS_BAD_TENDER' else 'POS_BAD_SALE' end,
    format('%s%s is %s, and must be %s (rule %s).', p_field, coalesce(' of no. ' || p_no, ''), coalesce(left(p_got, 60), 'missing'), p_expected, p_rule),
    json_build_object('rule', p_rule, 'field', p_field, 'no', p_no, 'expected', p_expected, 'got', left(p_got, 200))::text);
end $$;

-- `p_numerator / p_denominator` rounded half up; whole numbers, none below zero. Zero for a denominator of zero.
create or replace function onetill.half_up(p_numerator numeric, p_denominator numeric) returns numeric
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_denominator = 0 then 0 else div(2 * p_numerator + p_denominator, 2 * p_denominator) end;
end $$;

-- Divides a whole by weights: each share rounded down, what is missing to the largest remainders, equal ones in order. Whole numbers,
-- none below zero; weights of zero together get nothing.
create or replace function onetill.shares(p_whole numeric, p_weights numeric[]) returns numeric[]
language plpgsql immutable set search_path = '' as $$
declare v_sum numeric := 0; v_weight numeric; v_shares numeric[] := array[]::numeric[]; v_left numeric := p_whole; i integer;
begin
  foreach v_weight in array p_weights loop
    v_sum := v_sum + v_weight;
  end loop;
  if p_whole = 0 or v_sum = 0 then
    return array_fill(0::numeric, array[cardinality(p_weights)]);
  end if;
  foreach v_weight in array p_weights loop
    v_shares := v_shares || div(p_whole * v_weight, v_sum);
    v_left := v_left - v_shares[cardinality(v_shares)];
  end loop;
  if v_left > 0 then
    for i in select w.no from unnest(p_weights) with ordinality w(weight, no) order by mod(p_whole * w.weight, v_sum) desc, w.no limit v_left loop
      v_shares[i] := v_shares[i] + 1;
    end loop;
  end if;
  return v_shares;
end $$;

-- What an entry says by itself: A1 to A8 and A10. Rule by rule, so that the first figure that is wrong is the one that is named. It counts in
-- minor units; loops cost less here than one query over all lines would.
create or replace function onetill.sale_figures(
  p_kind text, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb, p_places integer default null,
  out gross numeric, out discount numeric, out net numeric, out tax numeric, out total numeric)
language plpgsql immutable set search_path = '' as $$
declare
  c_amount constant text := 'an amount from 0 to below 1000000000 with the places of the currency';
  v_places integer := coalesce(p_places, onetill.currency_scale(p_totals ->> 'currency'));
  v_scale numeric := 10::numeric ^ v_places; v_most numeric := 1000000000 * v_scale; v_included boolean;
  e jsonb; v_count integer; x numeric; y numeric; v_code text;
  v_prices numeric[] := array[]::numeric[]; v_quantities numeric[] := array[]::numeric[]; v_before numeric[] := array[]::numeric[];
  v_given numeric[] := array[]::numeric[]; v_shares numeric[];
  v_whole numeric := 0; v_cart numeric := 0; v_lines numeric := 0;
  v_codes text[] := array[]::text[]; v_bases numeric[] := array[]::numeric[]; v_at integer; v_rows integer[]; v_rates numeric[]; v_rate numeric; v_names text[];
begin
  perform onetill.check_shape(p_kind, p_lines, p_taxes, p_tenders, p_totals);
  v_included := (p_totals ->> 'prices_include_tax')::boolean;
  v_count := jsonb_array_length(p_lines);
  gross := 0;
  tax := 0;

  for v_no in 1..v_count loop
    x := onetill.figure(p_lines -> v_no - 1 ->> 'quantity');
    if (x > 0 and x <= 99999 and x = round(x, 3)) is not true then
      perform onetill.fail_sale('A1', 'quantity', v_no, '0.001 to 99999, three places', p_lines -> v_no - 1 ->> 'quantity');
    end if;
    v_quantities := v_quantities || x;
  end loop;
  for v_no in 1..v_count loop
    e := p_lines -> v_no - 1;
    x := onetill.figure(e ->> 'unit_price') * v_scale;
    if (x >= 0 and x < v_most and x = trunc(x)) is not true then
      perform onetill.fail_sale('A1', 'unit_price', v_no, c_amount, e ->> 'unit_price');
    end if;
    v_prices := v_prices || x;
    x := onetill.figure(e ->> 'gross') * v_scale;
    if (x >= 0 and x < v_most and x = trunc(x)) is not true then
      perform onetill.fail_sale('A1', 'gross', v_no, c_amount, e ->> 'gross');
    end if;
  end loop;
  for v_no in 1..v_count loop
    x := round(v_quantities[v_no] * v_prices[v_no]);
    y := onetill.figure(p_lines -> v_no - 1 ->> 'gross') * v_scale;
    if x <> y then
      perform onetill.fail_sale('A2', 'gross', v_no, round(x / v_scale, v_places)::text, p_lines -> v_no - 1 ->> 'gross');
    end if;
    v_before := v_before || y;
    gross := gross + y;
  end loop;
  for v_no in 1..v_count loop
    e := p_lines -> v_no - 1 -> 'discount';
    x := case when coalesce(e, 'null') = 'null' then 0 else onetill.figure(e #>> '{}') * v_scale end;
    if (x >= 0 and x <= v_before[v_no] and x = trunc(x)) is not true then
      perform onetill.fail_sale('A3', 'discount', v_no, '0 to ' || round(v_before[v_no] / v_scale, v_places), e #>> '{}');
    end if;
    v_before[v_no] := v_before[v_no] - x;
    v_whole := v_whole + v_before[v_no];
  end loop;

  for v_no in 1..v_count loop
    e := p_lines -> v_no - 1 -> 'cart_discount';
    x := case when coalesce(e, 'null') = 'null' then 0 else onetill.figure(e #>> '{}') * v_scale end;
    if (x >= 0 and x < v_most and x = trunc(x)) is not true then
      perform onetill.fail_sale('A4', 'cart_discount', v_no, 'zero or more', e #>> '{}');
    end if;
    v_given := v_given || x;
    v_cart := v_cart + x;
  end loop;
  if v_cart > v_whole then
    perform onetill.fail_sale('A4', 'cart_discount', null, 'together at most ' || round(v_whole / v_scale, v_places), round(v_cart / v_scale, v_places)::text);
  end if;
  v_shares := onetill.shares(v_cart, v_before);
  for v_no in 1..v_count loop
    if v_given[v_no] <> v_shares[v_no] then
      perform onetill.fail_sale('A4', 'cart_discount', v_no, round(v_shares[v_no] / v_scale, v_places)::text, round(v_given[v_no] / v_scale, v_places)::text);
    end if;
    e := p_lines -> v_no - 1;
    x := v_before[v_no] - v_given[v_no];
    if onetill.figure(e ->> 'net') * v_scale is distinct from x then
      perform onetill.fail_sale('A4', 'net', v_no, round(x / v_scale, v_places)::text, e ->> 'net');
    end if;
    v_lines := v_lines + x;
    v_code := e ->> 'tax_code';
    if v_code <> '' then
      v_at := array_position(v_codes, v_code);
      if v_at is null then
        v_codes := v_codes || v_code;
        v_bases := v_bases || x;
      else
        v_bases[v_at] := v_bases[v_at] + x;
      end if;
    end if;
  end loop;

  -- A5: exactly the rows of the codes that the lines have; the components of a code divide its tax.
  v_names := array[]::text[];
  for v_no in 1..jsonb_array_length(p_taxes) loop
    e := p_taxes -> v_no - 1;
    v_code := json_build_array(e ->> 'tax_code', e ->> 'component')::text;
    if v_code = any (v_names) then
      perform onetill.fail_sale('A5', 'component', v_no, 'each once', e ->> 'component');
    elsif array_position(v_codes, e ->> 'tax_code') is null then
      perform onetill.fail_sale('A5', 'tax_code', v_no, 'a code of a line', e ->> 'tax_code');
    end if;
    v_names := v_names || v_code;
    x := onetill.figure(e ->> 'rate') * 100000;
    if (x >= 0 and x < 10000000 and x = trunc(x)) is not true then
      perform onetill.fail_sale('A5', 'rate', v_no, '0 to 99.99999, five places', e ->> 'rate');
    end if;
  end loop;
  for v_at in 1..cardinality(v_codes) loop
    v_rows := array[]::integer[];
    v_rates := array[]::numeric[];
    v_rate := 0;
    for v_no in 1..jsonb_array_length(p_taxes) loop
      e := p_taxes -> v_no - 1;
      if e ->> 'tax_code' = v_codes[v_at] then
        x := onetill.figure(e ->> 'rate') * 100000;
        v_rows := v_rows || v_no;
        v_rates := v_rates || x;
        v_rate := v_rate + x;
        if onetill.figure(e ->> 'base') * v_scale is distinct from v_bases[v_at] then
          perform onetill.fail_sale('A5', 'base', v_no, round(v_bases[v_at] / v_scale, v_places)::text, e ->> 'base');
        end if;
      end if;
    end loop;
    if v_rows = '{}' then
      perform onetill.fail_sale('A5', 'tax_code', null, 'a code with a rate', v_codes[v_at]);
    end if;
    x := case when v_included then v_bases[v_at] - onetill.half_up(v_bases[v_at] * 100000, 100000 + v_rate) else onetill.half_up(v_bases[v_at] * v_rate, 100000) end;
    v_shares := case when cardinality(v_rates) = 1 then array[x] else onetill.shares(x, v_rates) end;
    for v_no in 1..cardinality(v_rows) loop
      e := p_taxes -> v_rows[v_no] - 1;
      if onetill.figure(e ->> 'tax') * v_scale is distinct from v_shares[v_no] then
        perform onetill.fail_sale('A5', 'tax', v_rows[v_no], round(v_shares[v_no] / v_scale, v_places)::text, e ->> 'tax');
      end if;
    end loop;
    tax := tax + x;
  end loop;

  -- A6.
  gross := gross / v_scale;
  tax := tax / v_scale;
  total := v_lines / v_scale + case when v_included then 0 else tax end;
  net := total - tax;
  discount := gross - v_lines / v_scale;
  perform onetill.check_sums(p_totals, gross, discount, net, tax, total, v_places);
  perform onetill.check_tenders(p_kind, p_tenders, p_totals, total, v_places);
end $$;

-- What kinds of JSON an entry is made of, and how much of it.
create or replace function onetill.check_shape(p_kind text, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare x record;
begin
  if p_kind is null or p_kind not in ('sale', 'refund', 'void', 'discard') then
    perform onetill.fail_sale('kind', 'kind', null, 'sale, refund, void or discard', p_kind);
  end if;
  if coalesce(jsonb_typeof(p_totals), 'null') <> 'object' then
    perform onetill.fail_sale('shape', 'totals', null, 'an object', jsonb_typeof(p_totals));
  end if;
  if coalesce(jsonb_typeof(p_totals -> 'prices_include_tax'), 'null') <> 'boolean' then
    perform onetill.fail_sale('shape', 'prices_include_tax', null, 'true or false', p_totals ->> 'prices_include_tax');
  end if;
  for x in select * from (values ('lines', p_lines, 1, 500), ('taxes', p_taxes, 0, 1000), ('tenders', p_tenders, 0, 8)) y(field, part, least, most) loop
    if coalesce(jsonb_typeof(x.part), 'null') <> 'array' then
      perform onetill.fail_sale('shape', x.field, null, 'a list', jsonb_typeof(x.part));
    end if;
    if jsonb_array_length(x.part) not between x.least and x.most then
      perform onetill.fail_sale('A1', x.field, null, case x.least when 0 then 'at most ' || x.most else x.least || ' to ' || x.most end, jsonb_array_length(x.part)::text);
    end if;
    if exists (select from jsonb_array_elements(x.part) e where jsonb_typeof(e) <> 'object') then
      perform onetill.fail_sale('shape', x.field, null, 'a list of objects', 'something else');
    end if;
  end loop;
end $$;

-- A figure of the totals, by its sign or not; null where it is no number.
create or replace function onetill.figure(p_text text) returns numeric
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_text ~ '^-?[0-9]{1,12}(\.[0-9]{1,12})?$' then p_text::numeric end;
end $$;

-- A6: the totals are these, and amounts.
create or replace function onetill.check_sums(
  p_totals jsonb, p_gross numeric, p_discount numeric, p_net numeric, p_tax numeric, p_total numeric, p_places integer) returns void
language plpgsql immutable set search_path = '' as $$
declare x record;
begin
  if p_gross >= 1000000000 or p_total >= 1000000000 then
    perform onetill.fail_sale('A1', case when p_gross >= 1000000000 then 'gross' else 'total' end, null, 'an amount from 0 to below 1000000000 with the places of the currency',
      round(greatest(p_gross, p_total), p_places)::text);
  end if;
  if (onetill.figure(p_totals ->> 'gross') = p_gross and onetill.figure(coalesce(p_totals ->> 'discount', '0')) = p_discount and onetill.figure(p_totals ->> 'net') = p_net
      and onetill.figure(p_totals ->> 'tax') = p_tax and onetill.figure(p_totals ->> 'total') = p_total) is not true then
    for x in select * from (values ('gross', p_gross), ('discount', p_discount), ('net', p_net), ('tax', p_tax), ('total', p_total)) y(field, expected) loop
      if onetill.figure(case x.field when 'discount' then coalesce(p_totals ->> x.field, '0') else p_totals ->> x.field end) is distinct from x.expected then
        perform onetill.fail_sale('A6', x.field, null, round(x.expected, p_places)::text, p_totals ->> x.field);
      end if;
    end loop;
  end if;
end $$;

-- A7, A8 and A10: how the total was paid, or paid back.
create or replace function onetill.check_tenders(p_kind text, p_tenders jsonb, p_totals jsonb, p_total numeric, p_places integer) returns void
language plpgsql immutable set search_path = '' as $$
declare
  e jsonb; v_no integer := 0; v_cash_no integer; v_amount numeric; v_cash jsonb; v_card numeric := 0; v_other numeric := 0; v_due numeric; v_open numeric;
  v_step numeric := 10::numeric ^ -p_places; v_beyond numeric; v_sign integer := case p_kind when 'sale' then 1 when 'discard' then 0 else -1 end; v_given numeric;
  v_rounding numeric := onetill.figure(coalesce(p_totals ->> 'cash_rounding', '0'));
begin
  if p_kind = 'discard' then
    if jsonb_array_length(p_tenders) > 0 then
      perform onetill.fail_sale('A8', 'tenders', 1, 'none', p_tenders -> 0 ->> 'kind');
    end if;
    if v_rounding is distinct from 0 then
      perform onetill.fail_sale('A7', 'cash_rounding', null, '0', p_totals ->> 'cash_rounding');
    end if;
    v_due := 0;
  else
    for e in select x from jsonb_array_elements(p_tenders) x loop
      v_no := v_no + 1;
      v_amount := onetill.figure(e ->> 'amount');
      if (v_amount > 0 and v_amount < 1000000000 and v_amount = round(v_amount, p_places)) is not true then
        perform onetill.fail_sale('A8', 'amount', v_no, 'an amount above zero', e ->> 'amount');
      end if;
      case e ->> 'kind'
        when 'card' then v_card := v_card + v_amount;
        when 'other' then v_other := v_other + v_amount;
        when 'cash' then
          if v_cash is not null then
            perform onetill.fail_sale('A8', 'tenders', v_no, 'cash once', 'cash twice');
          end if;
          v_cash := e;
          v_cash_no := v_no;
        else perform onetill.fail_sale('A8', 'kind', v_no, 'cash, card or other', e ->> 'kind');
      end case;
      if (e ->> 'kind' <> 'cash' or p_kind <> 'sale') and coalesce(e ->> 'tendered', e ->> 'change') is not null then
        perform onetill.fail_sale('A8', 'change', v_no, 'nothing', coalesce(e ->> 'tendered', e ->> 'change'));
      end if;
    end loop;
    v_open := p_total - v_card - v_other;
    if v_open < 0 then
      perform onetill.fail_sale('A8', 'tenders', null, 'at most ' || round(p_total, p_places), round(v_card + v_other, p_places)::text);
    end if;
    if coalesce(p_totals ->> 'cash_half', 'up') not in ('up', 'down') then
      perform onetill.fail_sale('A7', 'cash_half', null, 'up or down', p_totals ->> 'cash_half');
    end if;
    if p_totals ->> 'cash_step' is not null then
      v_step := onetill.figure(p_totals ->> 'cash_step');
      if (v_step > 0 and v_step < 1000000000 and v_step = round(v_step, p_places)) is not true then
        perform onetill.fail_sale('A7', 'cash_step', null, 'an amount above zero', p_totals ->> 'cash_step');
      end if;
    end if;
    v_beyond := mod(v_open, v_step);
    v_due := v_open - v_beyond + case when 2 * v_beyond > v_step or 2 * v_beyond = v_step and coalesce(p_totals ->> 'cash_half', 'up') = 'up' then v_step else 0 end;
    if coalesce(onetill.figure(v_cash ->> 'amount'), 0) <> v_due then
      perform onetill.fail_sale('A7', 'amount', null, round(v_due, p_places)::text, coalesce(v_cash ->> 'amount', round(0::numeric, p_places)::text));
    end if;
    if v_rounding is distinct from v_due - v_open then
      perform onetill.fail_sale('A7', 'cash_rounding', null, round(v_due - v_open, p_places)::text, p_totals ->> 'cash_rounding');
    end if;
    if p_kind = 'sale' and v_cash is not null then
      v_given := onetill.figure(v_cash ->> 'tendered');
      if (v_given >= v_due and v_given < 1000000000 and v_given = round(v_given, p_places)) is not true then
        perform onetill.fail_sale('A8', 'tendered', v_cash_no, 'at least ' || round(v_due, p_places), coalesce(v_cash ->> 'tendered', 'nothing'));
      end if;
      if onetill.figure(v_cash ->> 'change') is distinct from v_given - v_due then
        perform onetill.fail_sale('A8', 'change', v_cash_no, round(v_given - v_due, p_places)::text, coalesce(v_cash ->> 'change', 'nothing'));
      end if;
    end if;
  end if;
  if onetill.figure(coalesce(p_totals ->> 'net_cash', '0')) is distinct from v_sign * v_due then
    perform onetill.fail_sale('A10', 'net_cash', null, round(v_sign * v_due, p_places)::text, p_totals ->> 'net_cash');
  end if;
  if onetill.figure(coalesce(p_totals ->> 'net_card', '0')) is distinct from v_sign * v_card then
    perform onetill.fail_sale('A10', 'net_card', null, round(v_sign * v_card, p_places)::text, p_totals ->> 'net_card');
  end if;
  if onetill.figure(coalesce(p_totals ->> 'net_other', '0')) is distinct from v_sign * v_other then
    perform onetill.fail_sale('A10', 'net_other', null, round(v_sign * v_other, p_places)::text, p_totals ->> 'net_other');
  end if;
end $$;

-- ---------------------------------------------------------------- what comes back of an earlier sale

-- What came back so far of the lines of a sale, and what is left of them.
create or replace function onetill.left_of_lines(p_sale_id uuid, p_vendor_id uuid)
returns table (no smallint, quantity numeric, net numeric, quantity_back numeric, net_back numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select o.no, o.quantity, o.net, coalesce(b.quantity, 0), coalesce(b.net, 0)
      from public.pos_sale_lines o
      left join (select l.original_line, sum(l.quantity) as quantity, sum(l.net) as net from public.pos_sales s join public.pos_sale_lines l on l.sale_id = s.id
          where s.original_id = p_sale_id and s.vendor_id = p_vendor_id group by 1) b on b.original_line = o.no
      where o.sale_id = p_sale_id;
end $$;

-- The same of its rows of tax.
create or replace function onetill.left_of_taxes(p_sale_id uuid, p_vendor_id uuid)
returns table (tax_code text, component text, rate numeric, base numeric, tax numeric, base_back numeric, tax_back numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select o.tax_code, o.component, o.rate, o.base, o.tax, coalesce(b.base, 0), coalesce(b.tax, 0)
      from public.pos_sale_taxes o
      left join (select t.tax_code, t.component, sum(t.base) as base, sum(t.tax) as tax from public.pos_sales s join public.pos_sale_taxes t on t.sale_id = s.id
          where s.original_id = p_sale_id and s.vendor_id = p_vendor_id group by 1, 2) b on b.tax_code = o.tax_code and b.component = o.component
      where o.sale_id = p_sale_id order by o.no;
end $$;

create or replace function onetill.fail_nothing_left(p_line integer, p_quantity numeric, p_net numeric, p_currency text, p_no bigint default null, p_got text default null) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform onetill.fail(409, 'POS_NOTHING_LEFT', format('Of line %s only %s is left to come back.', p_line, trim_scale(p_quantity)),
    json_build_object('rule', 'A9', 'field', 'quantity', 'no', p_no, 'expected', 'at most ' || trim_scale(p_quantity), 'got', p_got,
      'line', p_line, 'quantity_left', trim_scale(p_quantity)::text, 'net_left', onetill.money(p_net, p_currency))::text);
end $$;

-- A9: a refund of lines of a sale. Whatever pieces it comes back in, what was given back so far is what is due for all that came
-- back so far; with the last piece it is the original to the cent. The original is locked by who asks.
create or replace function onetill.refund_figures(
  o public.pos_sales, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb,
  out gross numeric, out discount numeric, out net numeric, out tax numeric, out total numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_variable
declare
  v_places integer := onetill.currency_scale(o.currency); v_scale numeric := 10::numeric ^ v_places; r record; x record; v_lines numeric := 0;
begin
  perform onetill.check_shape('refund', p_lines, p_taxes, p_tenders, p_totals);
  for r in select l.no, l.e, y.net as whole, y.quantity as sold, b.quantity, b.quantity_left, b.net_back, p.unit_price, p.tax_code, p.no as original_line
      from jsonb_array_elements(p_lines) with ordinality l(e, no)
      left join onetill.left_of_lines(o.id, o.vendor_id) y on y.no::text = l.e ->> 'original_line'
      left join public.pos_sale_lines p on p.sale_id = o.id and p.no = y.no
      cross join lateral (select onetill.figure(l.e ->> 'quantity') as quantity, y.quantity - y.quantity_back as quantity_left, y.net_back) b
      order by l.no loop
    if (r.quantity > 0 and r.quantity <= 99999 and r.quantity = round(r.quantity, 3)) is not true then
      perform onetill.fail_sale('A1', 'quantity', r.no, '0.001 to 99999, three places', r.e ->> 'quantity');
    elsif r.original_line is null then
      perform onetill.fail_sale('A9', 'original_line', r.no, 'a line of the original', r.e ->> 'original_line');
    elsif (select count(*) from jsonb_array_elements(p_lines) e where e ->> 'original_line' = r.e ->> 'original_line') > 1 then
      perform onetill.fail_sale('A9', 'original_line', r.no, 'each once', r.e ->> 'original_line');
    elsif r.quantity > r.quantity_left then
      perform onetill.fail_nothing_left(r.original_line, r.quantity_left, r.whole - r.net_back, o.currency, r.no, r.e ->> 'quantity');
    elsif nullif(r.e ->> 'tax_code', '') is distinct from r.tax_code then
      perform onetill.fail_sale('A9', 'tax_code', r.no, coalesce(r.tax_code, 'none'), r.e ->> 'tax_code');
    end if;
    net := onetill.half_up(r.whole * v_scale * (r.sold - r.quantity_left + r.quantity) * 1000, r.sold * 1000) / v_scale - r.net_back;
    for x in select * from (values ('unit_price', r.unit_price, null), ('gross', net, null), ('discount', 0, '0'), ('cart_discount', 0, '0'), ('net', net, null)) y(field, expected, missing) loop
      if onetill.figure(coalesce(r.e ->> x.field, x.missing)) is distinct from x.expected then
        perform onetill.fail_sale('A9', x.field, r.no, round(x.expected, v_places)::text, r.e ->> x.field);
      end if;
    end loop;
    v_lines := v_lines + net;
  end loop;

  tax := 0;
  for r in select t.no, t.e, l.rate, l.base as whole, l.tax as whole_tax, l.base_back, l.tax_back, b.base,
        row_number() over (partition by t.e ->> 'tax_code', t.e ->> 'component' order by t.no) as times
      from jsonb_array_elements(p_taxes) with ordinality t(e, no)
      left join onetill.left_of_taxes(o.id, o.vendor_id) l on l.tax_code = t.e ->> 'tax_code' and l.component = t.e ->> 'component'
        and l.rate = onetill.figure(t.e ->> 'rate')
      left join (select e ->> 'tax_code' as tax_code, sum((e ->> 'net')::numeric) as base from jsonb_array_elements(p_lines) e group by 1) b on b.tax_code = l.tax_code
      order by t.no loop
    if r.base is null or r.times > 1 then
      perform onetill.fail_sale('A9', 'component', r.no, 'a row of the original, once', r.e ->> 'component');
    end if;
    net := onetill.half_up(r.whole_tax * v_scale * (r.base_back + r.base) * v_scale, r.whole * v_scale) / v_scale - r.tax_back;
    if onetill.figure(r.e ->> 'base') is distinct from r.base then
      perform onetill.fail_sale('A9', 'base', r.no, round(r.base, v_places)::text, r.e ->> 'base');
    elsif onetill.figure(r.e ->> 'tax') is distinct from net then
      perform onetill.fail_sale('A9', 'tax', r.no, round(net, v_places)::text, r.e ->> 'tax');
    end if;
    tax := tax + net;
  end loop;
  select count(*) as n into r from public.pos_sale_taxes t where t.sale_id = o.id and t.tax_code in (select e ->> 'tax_code' from jsonb_array_elements(p_lines) e);
  if r.n <> jsonb_array_length(p_taxes) then
    perform onetill.fail_sale('A9', 'taxes', null, r.n::text, jsonb_array_length(p_taxes)::text);
  end if;
  gross := v_lines;
  discount := 0;
  total := v_lines + case when o.prices_include_tax then 0 else tax end;
  net := total - tax;
  perform onetill.check_sums(p_totals, gross, discount, net, tax, total, v_places);
  perform onetill.check_tenders('refund', p_tenders, p_totals, total, v_places);
end $$;

-- A9: a void is the receipt once more, line by line, tax by tax and tender by tender.
create or replace function onetill.void_figures(o public.pos_sales, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare v_places integer := onetill.currency_scale(o.currency); r record; x record;
begin
  perform onetill.check_shape('void', p_lines, p_taxes, p_tenders, p_totals);
  if jsonb_array_length(p_lines) <> o.line_count then
    perform onetill.fail_sale('A9', 'lines', null, o.line_count::text, jsonb_array_length(p_lines)::text);
  end if;
  for r in select e.no, e.e, l as was from jsonb_array_elements(p_lines) with ordinality e(e, no)
      left join public.pos_sale_lines l on l.sale_id = o.id and l.no = e.no order by e.no loop
    if r.e ->> 'original_line' is distinct from r.no::text then
      perform onetill.fail_sale('A9', 'original_line', r.no, r.no::text, r.e ->> 'original_line');
    elsif nullif(r.e ->> 'tax_code', '') is distinct from (r.was).tax_code then
      perform onetill.fail_sale('A9', 'tax_code', r.no, coalesce((r.was).tax_code, 'none'), r.e ->> 'tax_code');
    end if;
    for x in select * from (values ('quantity', (r.was).quantity), ('unit_price', (r.was).unit_price), ('gross', (r.was).gross), ('discount', (r.was).discount),
        ('cart_discount', (r.was).cart_discount), ('net', (r.was).net)) y(field, expected) loop
      if onetill.figure(coalesce(r.e ->> x.field, case when x.field like '%discount' then '0' end)) is distinct from x.expected then
        perform onetill.fail_sale('A9', x.field, r.no, trim_scale(x.expected)::text, r.e ->> x.field);
      end if;
    end loop;
  end loop;
  select count(*) as n into r from public.pos_sale_taxes t where t.sale_id = o.id;
  if r.n <> jsonb_array_length(p_taxes) then
    perform onetill.fail_sale('A9', 'taxes', null, r.n::text, jsonb_array_length(p_taxes)::text);
  end if;
  for r in select e.no, e.e, t as was, row_number() over (partition by e.e ->> 'tax_code', e.e ->> 'component' order by e.no) as times
      from jsonb_array_elements(p_taxes) with ordinality e(e, no)
      left join public.pos_sale_taxes t on t.sale_id = o.id and t.tax_code = e.e ->> 'tax_code' and t.component = e.e ->> 'component'
        and t.rate = onetill.figure(e.e ->> 'rate') order by e.no loop
    if (r.was).sale_id is null or r.times > 1 then
      perform onetill.fail_sale('A9', 'component', r.no, 'a row of the original, once', r.e ->> 'component');
    elsif onetill.figure(r.e ->> 'base') is distinct from (r.was).base then
      perform onetill.fail_sale('A9', 'base', r.no, round((r.was).base, v_places)::text, r.e ->> 'base');
    elsif onetill.figure(r.e ->> 'tax') is distinct from (r.was).tax then
      perform onetill.fail_sale('A9', 'tax', r.no, round((r.was).tax, v_places)::text, r.e ->> 'tax');
    end if;
  end loop;
  perform onetill.check_sums(p_totals, o.gross, o.discount, o.net, o.tax, o.total, v_places);
  perform onetill.check_tenders('void', p_tenders, p_totals, o.total, v_places);
  select count(*) as n into r from public.pos_sale_tenders t where t.sale_id = o.id;
  if r.n <> jsonb_array_length(p_tenders) then
    perform onetill.fail_sale('A9', 'tenders', null, r.n::text, jsonb_array_length(p_tenders)::text);
  end if;
  for r in select e.no, e.e, t as was from jsonb_array_elements(p_tenders) with ordinality e(e, no)
      left join public.pos_sale_tenders t on t.sale_id = o.id and t.no = e.no order by e.no loop
    if (r.e ->> 'kind', nullif(r.e ->> 'label', ''), onetill.figure(r.e ->> 'amount')) is distinct from ((r.was).kind, (r.was).label, (r.was).amount) then
      perform onetill.fail_sale('A9', 'tenders', r.no, (r.was).kind || ' ' || round((r.was).amount, v_places), concat_ws(' ', r.e ->> 'kind', r.e ->> 'amount'));
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------- the one form that is hashed

-- A record: its name and its fields, each after a unit separator, and a line feed; nothing for what is missing or empty. Neither
-- character stands in a text that is kept.
create or replace function onetill.content_record(p_values text[]) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return array_to_string(p_values, E'\x1f', '') || E'\n';
end $$;

-- A number in its shortest form.
create or replace function onetill.short(p_text text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return trim_scale(onetill.figure(p_text))::text;
end $$;

-- Everything that an entry says, in the form of docs/receipts.md: an entry sent again has the same. A figure that is none is left out: it is refused.
create or replace function onetill.canonical(
  p_id uuid, p_session_id uuid, p_kind text, p_original_id uuid, p_receipt jsonb, p_device_time timestamptz, p_recorded_by uuid, p_reason text,
  p_note text, p_age_checked boolean, p_totals jsonb, p_lines jsonb, p_taxes jsonb, p_tenders jsonb) returns bytea
language plpgsql stable set search_path = '' as $$
declare
  e jsonb;
  v_content text := onetill.content_record(array['onetill-receipt-1', p_id::text, p_session_id::text, p_kind, p_original_id::text, p_receipt ->> 'till', p_receipt ->> 'seq',
    p_receipt ->> 'number', p_receipt ->> 'chain_seq', onetill.instant(p_device_time), p_recorded_by::text, p_reason, p_note, coalesce(p_age_checked, false)::text,
    p_totals ->> 'currency', p_totals ->> 'prices_include_tax', onetill.short(coalesce(p_totals ->> 'gross', '0')), onetill.short(coalesce(p_totals ->> 'discount', '0')),
    onetill.short(coalesce(p_totals ->> 'net', '0')), onetill.short(coalesce(p_totals ->> 'tax', '0')), onetill.short(coalesce(p_totals ->> 'total', '0')),
    onetill.short(coalesce(p_totals ->> 'cash_rounding', '0')), onetill.short(coalesce(p_totals ->> 'net_cash', '0')),
    onetill.short(coalesce(p_totals ->> 'net_card', '0')), onetill.short(coalesce(p_totals ->> 'net_other', '0'))]);
begin
  for e in select x from jsonb_array_elements(p_lines) x loop
    v_content := v_content || onetill.content_record(array['line', lower(e ->> 'item_id'), e ->> 'name', e ->> 'code', e ->> 'unit', onetill.short(e ->> 'quantity'),
      onetill.short(e ->> 'unit_price'), onetill.short(e ->> 'gross'), onetill.short(coalesce(e ->> 'discount', '0')), onetill.short(coalesce(e ->> 'cart_discount', '0')),
      onetill.short(e ->> 'net'), e ->> 'tax_code', e ->> 'original_line', onetill.short(e ->> 'list_price'), e ->> 'discount_reason']);
  end loop;
  for e in select x from jsonb_array_elements(p_taxes) x loop
    v_content := v_content || onetill.content_record(array['tax', e ->> 'tax_code', e ->> 'component', onetill.short(e ->> 'rate'), onetill.short(e ->> 'base'),
      onetill.short(e ->> 'tax')]);
  end loop;
  for e in select x from jsonb_array_elements(p_tenders) x loop
    v_content := v_content || onetill.content_record(array['tender', e ->> 'kind', e ->> 'label', onetill.short(e ->> 'amount'), onetill.short(e ->> 'tendered'),
      onetill.short(e ->> 'change'), e ->> 'reference']);
  end loop;
  return convert_to(normalize(v_content, nfc), 'UTF8');
end $$;

-- ---------------------------------------------------------------- what no text may hold

-- Thirteen to nineteen digits, with or without blanks and hyphens between them, that pass the check of card numbers.
create or replace function onetill.holds_card_number(p_text text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  if p_text is null or p_text !~ '[0-9]([ -]?[0-9]){12}' then return false; end if;
  return exists (
    select from regexp_matches(p_text, '[0-9](?:[ -]?[0-9]){12,}', 'g') m(run)
      cross join lateral (select regexp_replace(m.run[1], '[ -]', '', 'g') as digits) d
      where length(d.digits) <= 19 and (
        select sum(case when (length(d.digits) - i) % 2 = 0 then n when n > 4 then 2 * n - 9 else 2 * n end) % 10 = 0
          from generate_series(1, length(d.digits)) i cross join lateral (select substr(d.digits, i, 1)::integer as n) x));
end $$;

-- A1: a text has at most 200 letters, the note 500, and no control characters, which separate the fields of the content.
create or replace function onetill.check_text(p_field text, p_no integer, p_text text, p_most integer default 200) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if length(p_text) > p_most then
    perform onetill.fail_sale('A1', p_field, p_no, format('at most %s characters', p_most), length(p_text)::text);
  elsif p_text ~ '[\x01-\x1f\x7f]' then
    perform onetill.fail_sale('A1', p_field, p_no, 'no control characters', 'a control character');
  end if;
end $$;

create or replace function onetill.check_texts(p_reason text, p_note text, p_lines jsonb, p_taxes jsonb, p_tenders jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare e jsonb; v_no integer; v_part jsonb; v_field text;
begin
  perform onetill.check_text('reason', null, p_reason);
  perform onetill.check_text('note', null, p_note, 500);
  foreach v_part in array array[p_lines, p_taxes, p_tenders] loop
    v_no := 0;
    for e in select x from jsonb_array_elements(v_part) x loop
      v_no := v_no + 1;
      -- One look at all texts of a line; which one it is matters only where there is something.
      if greatest(length(e ->> 'name'), length(e ->> 'code'), length(e ->> 'unit'), length(e ->> 'tax_code'), length(e ->> 'discount_reason'), length(e ->> 'component'),
          length(e ->> 'label'), length(e ->> 'reference')) > 200
        or concat(e ->> 'name', e ->> 'code', e ->> 'unit', e ->> 'tax_code', e ->> 'discount_reason', e ->> 'component', e ->> 'label', e ->> 'reference') ~ '[\x01-\x1f\x7f]' then
        foreach v_field in array array['name', 'code', 'unit', 'tax_code', 'discount_reason', 'component', 'label', 'reference'] loop
          perform onetill.check_text(v_field, v_no, e ->> v_field);
        end loop;
      end if;
    end loop;
  end loop;
end $$;

revoke all on function onetill.fail_sale(text, text, bigint, text, text), onetill.half_up(numeric, numeric), onetill.figure(text), onetill.short(text),
  onetill.sale_figures(text, jsonb, jsonb, jsonb, jsonb, integer), onetill.shares(numeric, numeric[]), onetill.check_shape(text, jsonb, jsonb, jsonb, jsonb),
  onetill.check_sums(jsonb, numeric, numeric, numeric, numeric, numeric, integer), onetill.check_tenders(text, jsonb, jsonb, numeric, integer),
  onetill.left_of_lines(uuid, uuid), onetill.left_of_taxes(uuid, uuid), onetill.fail_nothing_left(integer, numeric, numeric, text, bigint, text),
  onetill.refund_figures(public.pos_sales, jsonb, jsonb, jsonb, jsonb), onetill.void_figures(public.pos_sales, jsonb, jsonb, jsonb, jsonb),
  onetill.content_record(text[]), onetill.canonical(uuid, uuid, text, uuid, jsonb, timestamptz, uuid, text, text, boolean, jsonb, jsonb, jsonb, jsonb),
  onetill.check_text(text, integer, text, integer), onetill.check_texts(text, text, jsonb, jsonb, jsonb),
  onetill.holds_card_number(text) from public, anon, authenticated;
