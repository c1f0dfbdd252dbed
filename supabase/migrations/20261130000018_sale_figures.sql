-- What a sale comes to. Every figure of an entry is computed here again from its quantities, prices, discounts and
-- rates, and what
-- a client computed otherwise is refused by the number of the rule. The registers compute the same by the same rules;
-- the vectors in
-- tests/vectors hold both together. supabase/README.md has the rules A1 to A10 in words.

-- Some gateways hand an object or a list over as a text with JSON in it.
create or replace function onetill.unwrapped(p_value jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return case jsonb_typeof(p_value) when 'string' then (p_value #>> '{}')::jsonb else p_value end;
exception when invalid_text_representation then
  return p_value;
end $$;

-- A figure that cannot be true.
create or replace function onetill.fail_sale(p_rule text, p_field text, p_no bigint, p_expected text,
    p_got text) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(400, case when p_rule in ('A7', 'A8') then 'POS_BAD_TENDER' else 'POS_BAD_SALE' end,
    format('%s%s is %s, and must be %s (rule %s).', p_field, coalesce(' of no. ' || p_no, ''),
        coalesce(left(p_got, 60), 'missing'), p_expected, p_rule),
    json_build_object('rule', p_rule, 'field', p_field, 'no', p_no, 'expected', p_expected, 'got',
        left(p_got, 200))::text);
end $$;

-- `p_numerator / p_denominator` rounded half up; whole numbers, none below zero. Zero for a denominator of zero.
create or replace function onetill.half_up(p_numerator numeric, p_denominator numeric) returns numeric
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_denominator = 0 then 0 else div(2 * p_numerator + p_denominator, 2 * p_denominator) end;
end $$;

-- Divides a whole by weights: each share rounded down, what is missing to the largest remainders, equal ones in order.
-- Whole numbers,
-- none below zero; weights of zero together get nothing.
create or replace function onetill.shares(p_whole numeric, p_weights numeric[]) returns numeric[]
language plpgsql immutable set search_path = '' as $$
declare v_sum numeric := 0; v_weight numeric; v_shares numeric[] := array[]::numeric[]; v_left numeric := p_whole;
i integer;
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
    for i in select w.no from unnest(p_weights) with ordinality w(weight, no)
        order by mod(p_whole * w.weight, v_sum) desc, w.no limit v_left loop
      v_shares[i] := v_shares[i] + 1;
    end loop;
  end if;
  return v_shares;
end $$;

-- Whether every figure of an entry is a number in digits, or missing: then each may be taken as it stands, here and in
-- its content.
create or replace function onetill.is_plain(p_lines jsonb, p_taxes jsonb, p_tenders jsonb,
    p_totals jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- A semicolon ends each figure; one more is in a text that is none.
  c_plain constant text := '^(-?[0-9]+(\.[0-9]+)?;)*$';
  v_text text;
begin
  for v_text in
    select concat(coalesce(e ->> 'quantity', '0'), ';', coalesce(e ->> 'unit_price', '0'), ';',
        coalesce(e ->> 'gross', '0'), ';',
        coalesce(e ->> 'discount', '0'), ';', coalesce(e ->> 'cart_discount', '0'), ';', coalesce(e ->> 'net', '0'),
            ';',
        coalesce(e ->> 'list_price', '0'), ';')
      from jsonb_array_elements(p_lines) e loop
    if v_text !~ c_plain or length(v_text) - length(replace(v_text, ';', '')) <> 7 then return false; end if;
  end loop;
  for v_text in
    select concat(coalesce(e ->> 'rate', '0'), ';', coalesce(e ->> 'base', '0'), ';', coalesce(e ->> 'tax', '0'), ';')
        from jsonb_array_elements(p_taxes) e
      union all select concat(coalesce(e ->> 'amount', '0'), ';', coalesce(e ->> 'tendered', '0'), ';',
          coalesce(e ->> 'change', '0'), ';')
        from jsonb_array_elements(p_tenders) e loop
    if v_text !~ c_plain or length(v_text) - length(replace(v_text, ';', '')) <> 3 then return false; end if;
  end loop;
  v_text := concat(coalesce(p_totals ->> 'gross', '0'), ';', coalesce(p_totals ->> 'discount', '0'), ';',
      coalesce(p_totals ->> 'net', '0'), ';',
    coalesce(p_totals ->> 'tax', '0'), ';', coalesce(p_totals ->> 'total', '0'), ';',
        coalesce(p_totals ->> 'cash_rounding', '0'), ';',
    coalesce(p_totals ->> 'cash_step', '0'), ';', coalesce(p_totals ->> 'net_cash', '0'), ';',
        coalesce(p_totals ->> 'net_card', '0'), ';',
    coalesce(p_totals ->> 'net_other', '0'), ';');
  return v_text ~ c_plain and length(v_text) - length(replace(v_text, ';', '')) = 10;
end $$;

-- What an entry says by itself: A1 to A8 and A10. Rule by rule, so that the first figure that is wrong is the one that
-- is named. It counts in
-- minor units, over arrays: one query over all lines would cost more, and so would a function for each figure.
create or replace function onetill.sale_figures(
  p_kind text, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb, p_places integer default null,
  p_plain boolean default null,
  out gross numeric, out discount numeric, out net numeric, out tax numeric, out total numeric)
language plpgsql immutable set search_path = '' as $$
declare
  c_amount constant text := 'an amount from 0 to below 1000000000 with the places of the currency';
  v_places integer := coalesce(p_places, onetill.currency_scale(p_totals ->> 'currency'));
  v_scale numeric := 10::numeric ^ v_places; v_most numeric := 1000000000 * v_scale;
  v_included boolean := (p_totals ->> 'prices_include_tax')::boolean;
  v_count integer := jsonb_array_length(p_lines); x numeric;
  -- By line: what is told, in minor units; null where it is no number.
  v_quantities numeric[]; v_prices numeric[]; v_grosses numeric[]; v_discounts numeric[]; v_carts numeric[];
  v_nets numeric[]; v_line_codes text[];
  v_before numeric[] := array[]::numeric[]; v_shares numeric[]; v_whole numeric := 0; v_cart numeric := 0;
  v_lines numeric := 0;
  -- By tax code and by row of tax.
  v_codes text[] := array[]::text[]; v_code_bases numeric[] := array[]::numeric[]; v_at integer; v_rows integer[];
  v_row_codes text[]; v_components text[];
  v_rates numeric[]; v_bases numeric[]; v_taxes numeric[]; v_rate numeric; v_of_code numeric[];
begin
  if coalesce(p_plain, onetill.is_plain(p_lines, p_taxes, p_tenders, p_totals)) then
    select array_agg((e ->> 'quantity')::numeric order by no), array_agg((e ->> 'unit_price')::numeric * v_scale
        order by no), array_agg((e ->> 'gross')::numeric * v_scale order by no),
        array_agg(coalesce((e ->> 'discount')::numeric, 0) * v_scale order by no),
            array_agg(coalesce((e ->> 'cart_discount')::numeric, 0) * v_scale order by no),
        array_agg((e ->> 'net')::numeric * v_scale order by no), array_agg(e ->> 'tax_code' order by no)
      into v_quantities, v_prices, v_grosses, v_discounts, v_carts, v_nets,
          v_line_codes from jsonb_array_elements(p_lines) with ordinality l(e, no);
    select array_agg(e ->> 'tax_code' order by no), array_agg(e ->> 'component' order by no),
        array_agg((e ->> 'rate')::numeric * 100000 order by no),
        array_agg((e ->> 'base')::numeric * v_scale order by no), array_agg((e ->> 'tax')::numeric * v_scale
            order by no)
      into v_row_codes, v_components, v_rates, v_bases, v_taxes from jsonb_array_elements(p_taxes)
          with ordinality l(e, no);
  else
    select array_agg(onetill.figure(e ->> 'quantity') order by no),
        array_agg(onetill.figure(e ->> 'unit_price') * v_scale order by no),
        array_agg(onetill.figure(e ->> 'gross') * v_scale order by no),
        array_agg(onetill.figure(coalesce(e ->> 'discount', '0')) * v_scale order by no),
            array_agg(onetill.figure(coalesce(e ->> 'cart_discount', '0')) * v_scale order by no),
        array_agg(onetill.figure(e ->> 'net') * v_scale order by no), array_agg(e ->> 'tax_code' order by no)
      into v_quantities, v_prices, v_grosses, v_discounts, v_carts, v_nets,
          v_line_codes from jsonb_array_elements(p_lines) with ordinality l(e, no);
    select array_agg(e ->> 'tax_code' order by no), array_agg(e ->> 'component' order by no),
        array_agg(onetill.figure(e ->> 'rate') * 100000 order by no),
        array_agg(onetill.figure(e ->> 'base') * v_scale order by no), array_agg(onetill.figure(e ->> 'tax') * v_scale
            order by no)
      into v_row_codes, v_components, v_rates, v_bases, v_taxes from jsonb_array_elements(p_taxes)
          with ordinality l(e, no);
  end if;
  gross := 0;
  tax := 0;

  for i in 1..v_count loop
    if (v_quantities[i] > 0 and v_quantities[i] <= 99999 and v_quantities[i] = round(v_quantities[i], 3)) is not true
        then
      perform onetill.fail_sale('A1', 'quantity', i, '0.001 to 99999, three places', p_lines -> i - 1 ->> 'quantity');
    end if;
  end loop;
  for i in 1..v_count loop
    if (v_prices[i] >= 0 and v_prices[i] < v_most and v_prices[i] = trunc(v_prices[i])) is not true then
      perform onetill.fail_sale('A1', 'unit_price', i, c_amount, p_lines -> i - 1 ->> 'unit_price');
    elsif (v_grosses[i] >= 0 and v_grosses[i] < v_most and v_grosses[i] = trunc(v_grosses[i])) is not true then
      perform onetill.fail_sale('A1', 'gross', i, c_amount, p_lines -> i - 1 ->> 'gross');
    end if;
  end loop;
  for i in 1..v_count loop
    x := round(v_quantities[i] * v_prices[i]);
    if x <> v_grosses[i] then
      perform onetill.fail_sale('A2', 'gross', i, round(x / v_scale, v_places)::text, p_lines -> i - 1 ->> 'gross');
    end if;
    gross := gross + x;
  end loop;
  for i in 1..v_count loop
    x := v_discounts[i];
    if (x >= 0 and x <= v_grosses[i] and x = trunc(x)) is not true then
      perform onetill.fail_sale('A3', 'discount', i, '0 to ' || round(v_grosses[i] / v_scale, v_places),
          p_lines -> i - 1 ->> 'discount');
    end if;
    v_before := v_before || v_grosses[i] - x;
    v_whole := v_whole + v_before[i];
  end loop;

  for i in 1..v_count loop
    x := v_carts[i];
    if (x >= 0 and x < v_most and x = trunc(x)) is not true then
      perform onetill.fail_sale('A4', 'cart_discount', i, 'zero or more', p_lines -> i - 1 ->> 'cart_discount');
    end if;
    v_cart := v_cart + x;
  end loop;
  if v_cart > v_whole then
    perform onetill.fail_sale('A4', 'cart_discount', null, 'together at most ' || round(v_whole / v_scale, v_places),
        round(v_cart / v_scale, v_places)::text);
  end if;
  v_shares := case when v_cart = 0 then v_carts else onetill.shares(v_cart, v_before) end;
  for i in 1..v_count loop
    if v_carts[i] <> v_shares[i] then
      perform onetill.fail_sale('A4', 'cart_discount', i, round(v_shares[i] / v_scale, v_places)::text,
          round(v_carts[i] / v_scale, v_places)::text);
    end if;
    x := v_before[i] - v_carts[i];
    if v_nets[i] is distinct from x then
      perform onetill.fail_sale('A4', 'net', i, round(x / v_scale, v_places)::text, p_lines -> i - 1 ->> 'net');
    end if;
    v_lines := v_lines + x;
    if v_line_codes[i] <> '' then
      v_at := array_position(v_codes, v_line_codes[i]);
      if v_at is null then
        v_codes := v_codes || v_line_codes[i];
        v_code_bases := v_code_bases || x;
      else
        v_code_bases[v_at] := v_code_bases[v_at] + x;
      end if;
    end if;
  end loop;

  -- A5: exactly the rows of the codes that the lines have; the components of a code divide its tax.
  for i in 1..coalesce(cardinality(v_row_codes), 0) loop
    for j in 1..i - 1 loop
      if v_row_codes[j] = v_row_codes[i] and v_components[j] is not distinct from v_components[i] then
        perform onetill.fail_sale('A5', 'component', i, 'each once', v_components[i]);
      end if;
    end loop;
    if v_row_codes[i] is null or array_position(v_codes, v_row_codes[i]) is null then
      perform onetill.fail_sale('A5', 'tax_code', i, 'a code of a line', v_row_codes[i]);
    elsif (v_rates[i] >= 0 and v_rates[i] < 10000000 and v_rates[i] = trunc(v_rates[i])) is not true then
      perform onetill.fail_sale('A5', 'rate', i, '0 to 99.99999, five places', p_taxes -> i - 1 ->> 'rate');
    end if;
  end loop;
  for v_at in 1..cardinality(v_codes) loop
    v_rows := array[]::integer[];
    v_of_code := array[]::numeric[];
    v_rate := 0;
    for i in 1..coalesce(cardinality(v_row_codes), 0) loop
      if v_row_codes[i] = v_codes[v_at] then
        v_rows := v_rows || i;
        v_of_code := v_of_code || v_rates[i];
        v_rate := v_rate + v_rates[i];
        if v_bases[i] is distinct from v_code_bases[v_at] then
          perform onetill.fail_sale('A5', 'base', i, round(v_code_bases[v_at] / v_scale, v_places)::text,
              p_taxes -> i - 1 ->> 'base');
        end if;
      end if;
    end loop;
    if v_rows = array[]::integer[] then
      perform onetill.fail_sale('A5', 'tax_code', null, 'a code with a rate', v_codes[v_at]);
    end if;
    x := case when v_included then v_code_bases[v_at] - onetill.half_up(v_code_bases[v_at] * 100000, 100000 + v_rate)
      else onetill.half_up(v_code_bases[v_at] * v_rate, 100000) end;
    v_shares := case when cardinality(v_of_code) = 1 then array[x] else onetill.shares(x, v_of_code) end;
    for i in 1..cardinality(v_rows) loop
      if v_taxes[v_rows[i]] is distinct from v_shares[i] then
        perform onetill.fail_sale('A5', 'tax', v_rows[i], round(v_shares[i] / v_scale, v_places)::text,
            p_taxes -> v_rows[i] - 1 ->> 'tax');
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
create or replace function onetill.check_shape(p_kind text, p_lines jsonb, p_taxes jsonb, p_tenders jsonb,
    p_totals jsonb) returns void
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
  for x in select * from (values ('lines', p_lines, 1, 500), ('taxes', p_taxes, 0, 1000),
      ('tenders', p_tenders, 0, 8)) y(field, part, least, most) loop
    if coalesce(jsonb_typeof(x.part), 'null') <> 'array' then
      perform onetill.fail_sale('shape', x.field, null, 'a list', jsonb_typeof(x.part));
    end if;
    if jsonb_array_length(x.part) not between x.least and x.most then
      perform onetill.fail_sale('A1', x.field, null, case x.least when 0 then 'at most ' || x.most else x.least
          || ' to ' || x.most end, jsonb_array_length(x.part)::text);
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
  return case when p_text ~ '^-?[0-9]+(\.[0-9]+)?$' then p_text::numeric end;
end $$;

-- A6: the totals are these, and amounts.
create or replace function onetill.check_sums(
  p_totals jsonb, p_gross numeric, p_discount numeric, p_net numeric, p_tax numeric, p_total numeric,
  p_places integer) returns void
language plpgsql immutable set search_path = '' as $$
declare x record;
begin
  if p_gross >= 1000000000 or p_total >= 1000000000 then
    perform onetill.fail_sale('A1', case when p_gross >= 1000000000 then 'gross' else 'total' end, null,
        'an amount from 0 to below 1000000000 with the places of the currency',
      round(greatest(p_gross, p_total), p_places)::text);
  end if;
  for x in select y.field, y.expected, y.told from (values ('gross', p_gross, p_totals ->> 'gross'),
      ('discount', p_discount, coalesce(p_totals ->> 'discount', '0')),
      ('net', p_net, p_totals ->> 'net'), ('tax', p_tax, p_totals ->> 'tax'),
          ('total', p_total, p_totals ->> 'total')) y(field, expected, told)
      where case when y.told ~ '^[0-9]+(\.[0-9]+)?$' then y.told::numeric end is distinct from y.expected limit 1 loop
    perform onetill.fail_sale('A6', x.field, null, round(x.expected, p_places)::text, p_totals ->> x.field);
  end loop;
end $$;

-- A7, A8 and A10: how the total was paid, or paid back.
create or replace function onetill.check_tenders(p_kind text, p_tenders jsonb, p_totals jsonb, p_total numeric,
    p_places integer) returns void
language plpgsql immutable set search_path = '' as $$
declare
  -- Without a function for each figure, which would cost more than all the rest.
  c_number constant text := '^-?[0-9]+(\.[0-9]+)?$';
  e jsonb; v_no integer := 0; v_cash_no integer; v_amount numeric; v_cash jsonb; v_card numeric := 0;
  v_other numeric := 0; v_due numeric; v_open numeric;
  v_step numeric := 10::numeric ^ -p_places; v_beyond numeric; v_sign integer := case p_kind when 'sale' then 1
      when 'discard' then 0 else -1 end; v_given numeric;
  v_rounding numeric := case when coalesce(p_totals ->> 'cash_rounding', '0') ~ c_number
      then coalesce(p_totals ->> 'cash_rounding', '0')::numeric end;
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
      v_amount := case when e ->> 'amount' ~ c_number then (e ->> 'amount')::numeric end;
      if (v_amount > 0 and v_amount < 1000000000 and v_amount = round(v_amount, p_places)) is not true then
        perform onetill.fail_sale('A8', 'amount', v_no, 'an amount above zero', e ->> 'amount');
      end if;
      case e ->> 'kind'
        when 'card' then v_card := v_card + v_amount;
        when 'other' then
          if coalesce(trim(e ->> 'label'), '') = '' then
            perform onetill.fail_sale('A8', 'label', v_no, 'the store''s name of it', 'nothing');
          end if;
          v_other := v_other + v_amount;
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
      perform onetill.fail_sale('A8', 'tenders', null, 'at most ' || round(p_total, p_places),
          round(v_card + v_other, p_places)::text);
    end if;
    if coalesce(p_totals ->> 'cash_half', 'up') not in ('up', 'down') then
      perform onetill.fail_sale('A7', 'cash_half', null, 'up or down', p_totals ->> 'cash_half');
    end if;
    if p_totals ->> 'cash_step' is not null then
      v_step := case when p_totals ->> 'cash_step' ~ c_number then (p_totals ->> 'cash_step')::numeric end;
      if (v_step > 0 and v_step < 1000000000 and v_step = round(v_step, p_places)) is not true then
        perform onetill.fail_sale('A7', 'cash_step', null, 'an amount above zero', p_totals ->> 'cash_step');
      end if;
    end if;
    v_beyond := mod(v_open, v_step);
    v_due := v_open - v_beyond + case when 2 * v_beyond > v_step or 2 * v_beyond = v_step
        and coalesce(p_totals ->> 'cash_half', 'up') = 'up' then v_step else 0 end;
    if coalesce((case when v_cash ->> 'amount' ~ c_number then (v_cash ->> 'amount')::numeric end), 0) <> v_due then
      perform onetill.fail_sale('A7', 'amount', null, round(v_due, p_places)::text,
          coalesce(v_cash ->> 'amount', round(0::numeric, p_places)::text));
    end if;
    if v_rounding is distinct from v_due - v_open then
      perform onetill.fail_sale('A7', 'cash_rounding', null, round(v_due - v_open, p_places)::text,
          p_totals ->> 'cash_rounding');
    end if;
    if p_kind = 'sale' and v_cash is not null then
      v_given := case when v_cash ->> 'tendered' ~ c_number then (v_cash ->> 'tendered')::numeric end;
      if (v_given >= v_due and v_given < 1000000000 and v_given = round(v_given, p_places)) is not true then
        perform onetill.fail_sale('A8', 'tendered', v_cash_no, 'at least ' || round(v_due, p_places),
            coalesce(v_cash ->> 'tendered', 'nothing'));
      end if;
      if (case when v_cash ->> 'change' ~ c_number then (v_cash ->> 'change')::numeric end) is distinct
          from v_given - v_due then
        perform onetill.fail_sale('A8', 'change', v_cash_no, round(v_given - v_due, p_places)::text,
            coalesce(v_cash ->> 'change', 'nothing'));
      end if;
    end if;
  end if;
  if (case when coalesce(p_totals ->> 'net_cash', '0') ~ c_number then coalesce(p_totals ->> 'net_cash',
      '0')::numeric end) is distinct from v_sign * v_due then
    perform onetill.fail_sale('A10', 'net_cash', null, round(v_sign * v_due, p_places)::text, p_totals ->> 'net_cash');
  end if;
  if (case when coalesce(p_totals ->> 'net_card', '0') ~ c_number then coalesce(p_totals ->> 'net_card',
      '0')::numeric end) is distinct from v_sign * v_card then
    perform onetill.fail_sale('A10', 'net_card', null, round(v_sign * v_card, p_places)::text, p_totals ->> 'net_card');
  end if;
  if (case when coalesce(p_totals ->> 'net_other', '0') ~ c_number then coalesce(p_totals ->> 'net_other',
      '0')::numeric end) is distinct from v_sign * v_other then
    perform onetill.fail_sale('A10', 'net_other', null, round(v_sign * v_other, p_places)::text,
        p_totals ->> 'net_other');
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
      left join (select l.original_line, sum(l.quantity) as quantity, sum(l.net) as net from public.pos_sales s
          join public.pos_sale_lines l on l.sale_id = s.id
          where s.original_id = p_sale_id and s.vendor_id = p_vendor_id group by 1) b on b.original_line = o.no
      where o.sale_id = p_sale_id;
end $$;

-- The same of its rows of tax.
create or replace function onetill.left_of_taxes(p_sale_id uuid, p_vendor_id uuid)
returns table (tax_code text, component text, rate numeric, base numeric, tax numeric, base_back numeric,
    tax_back numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select o.tax_code, o.component, o.rate, o.base, o.tax, coalesce(b.base, 0), coalesce(b.tax, 0)
      from public.pos_sale_taxes o
      left join (select t.tax_code, t.component, sum(t.base) as base, sum(t.tax) as tax from public.pos_sales s
          join public.pos_sale_taxes t on t.sale_id = s.id
          where s.original_id = p_sale_id and s.vendor_id = p_vendor_id group by 1, 2) b on b.tax_code = o.tax_code
              and b.component = o.component
      where o.sale_id = p_sale_id order by o.no;
end $$;

create or replace function onetill.fail_nothing_left(p_line integer, p_quantity numeric, p_net numeric, p_currency text,
    p_no bigint default null, p_got text default null) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform onetill.fail(409, 'POS_NOTHING_LEFT', format('Of line %s only %s is left to come back.', p_line,
      trim_scale(p_quantity)),
    json_build_object('rule', 'A9', 'field', 'quantity', 'no', p_no, 'expected', 'at most ' || trim_scale(p_quantity),
        'got', p_got,
      'line', p_line, 'quantity_left', trim_scale(p_quantity)::text, 'net_left',
          onetill.money(p_net, p_currency))::text);
end $$;

-- A9: a refund of lines of a sale. Whatever pieces it comes back in, what was given back so far is what is due for all
-- that came
-- back so far; with the last piece it is the original to the cent. The original is locked by who asks.
create or replace function onetill.refund_figures(
  o public.pos_sales, p_lines jsonb, p_taxes jsonb, p_tenders jsonb, p_totals jsonb,
  out gross numeric, out discount numeric, out net numeric, out tax numeric, out total numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_variable
declare
  v_places integer := onetill.currency_scale(o.currency); v_scale numeric := 10::numeric ^ v_places; r record; x record;
  v_lines numeric := 0;
begin
  perform onetill.check_shape('refund', p_lines, p_taxes, p_tenders, p_totals);
  for r in select l.no, l.e, y.net as whole, y.quantity as sold, b.quantity, b.quantity_left, b.net_back, p.unit_price,
      p.tax_code, p.no as original_line
      from jsonb_array_elements(p_lines) with ordinality l(e, no)
      left join onetill.left_of_lines(o.id, o.vendor_id) y on y.no::text = l.e ->> 'original_line'
      left join public.pos_sale_lines p on p.sale_id = o.id and p.no = y.no
      cross join lateral (select onetill.figure(l.e ->> 'quantity') as quantity,
          y.quantity - y.quantity_back as quantity_left, y.net_back) b
      order by l.no loop
    if (r.quantity > 0 and r.quantity <= 99999 and r.quantity = round(r.quantity, 3)) is not true then
      perform onetill.fail_sale('A1', 'quantity', r.no, '0.001 to 99999, three places', r.e ->> 'quantity');
    elsif r.original_line is null then
      perform onetill.fail_sale('A9', 'original_line', r.no, 'a line of the original', r.e ->> 'original_line');
    elsif (select count(*) from jsonb_array_elements(p_lines) e
        where e ->> 'original_line' = r.e ->> 'original_line') > 1 then
      perform onetill.fail_sale('A9', 'original_line', r.no, 'each once', r.e ->> 'original_line');
    elsif r.quantity > r.quantity_left then
      perform onetill.fail_nothing_left(r.original_line, r.quantity_left, r.whole - r.net_back, o.currency, r.no,
          r.e ->> 'quantity');
    elsif nullif(r.e ->> 'tax_code', '') is distinct from r.tax_code then
      perform onetill.fail_sale('A9', 'tax_code', r.no, coalesce(r.tax_code, 'none'), r.e ->> 'tax_code');
    end if;
    net := onetill.half_up(r.whole * v_scale * (r.sold - r.quantity_left + r.quantity) * 1000,
        r.sold * 1000) / v_scale - r.net_back;
    for x in select * from (values ('unit_price', r.unit_price, null), ('gross', net, null), ('discount', 0, '0'),
        ('cart_discount', 0, '0'), ('net', net, null)) y(field, expected, missing) loop
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
      left join onetill.left_of_taxes(o.id, o.vendor_id) l on l.tax_code = t.e ->> 'tax_code'
          and l.component = t.e ->> 'component'
        and l.rate = onetill.figure(t.e ->> 'rate')
      left join (select e ->> 'tax_code' as tax_code, sum((e ->> 'net')::numeric) as base
          from jsonb_array_elements(p_lines) e group by 1) b on b.tax_code = l.tax_code
      order by t.no loop
    if r.base is null or r.times > 1 then
      perform onetill.fail_sale('A9', 'component', r.no, 'a row of the original, once', r.e ->> 'component');
    end if;
    net := onetill.half_up(r.whole_tax * v_scale * (r.base_back + r.base) * v_scale,
        r.whole * v_scale) / v_scale - r.tax_back;
    if onetill.figure(r.e ->> 'base') is distinct from r.base then
      perform onetill.fail_sale('A9', 'base', r.no, round(r.base, v_places)::text, r.e ->> 'base');
    elsif onetill.figure(r.e ->> 'tax') is distinct from net then
      perform onetill.fail_sale('A9', 'tax', r.no, round(net, v_places)::text, r.e ->> 'tax');
    end if;
    tax := tax + net;
  end loop;
  select count(*) as n into r from public.pos_sale_taxes t where t.sale_id = o.id
      and t.tax_code in (select e ->> 'tax_code' from jsonb_array_elements(p_lines) e);
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
create or replace function onetill.void_figures(o public.pos_sales, p_lines jsonb, p_taxes jsonb, p_tenders jsonb,
    p_totals jsonb) returns void
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
    for x in select * from (values ('quantity', (r.was).quantity), ('unit_price', (r.was).unit_price),
        ('gross', (r.was).gross), ('discount', (r.was).discount),
        ('cart_discount', (r.was).cart_discount), ('net', (r.was).net)) y(field, expected) loop
      if onetill.figure(coalesce(r.e ->> x.field, case when x.field like '%discount' then '0' end)) is distinct
          from x.expected then
        perform onetill.fail_sale('A9', x.field, r.no, trim_scale(x.expected)::text, r.e ->> x.field);
      end if;
    end loop;
  end loop;
  select count(*) as n into r from public.pos_sale_taxes t where t.sale_id = o.id;
  if r.n <> jsonb_array_length(p_taxes) then
    perform onetill.fail_sale('A9', 'taxes', null, r.n::text, jsonb_array_length(p_taxes)::text);
  end if;
  for r in select e.no, e.e, t as was, row_number() over (partition by e.e ->> 'tax_code',
      e.e ->> 'component' order by e.no) as times
      from jsonb_array_elements(p_taxes) with ordinality e(e, no)
      left join public.pos_sale_taxes t on t.sale_id = o.id and t.tax_code = e.e ->> 'tax_code'
          and t.component = e.e ->> 'component'
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
    if (r.e ->> 'kind', nullif(r.e ->> 'label', ''), onetill.figure(r.e ->> 'amount')) is distinct
        from ((r.was).kind, (r.was).label, (r.was).amount) then
      perform onetill.fail_sale('A9', 'tenders', r.no, (r.was).kind || ' ' || round((r.was).amount, v_places),
          concat_ws(' ', r.e ->> 'kind', r.e ->> 'amount'));
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------- the one form that is hashed

-- A record for the entry and one for each line, row of tax and tender: its name, each field after a unit separator
-- (U+001F), and a line feed. Neither
-- character stands in a text that is kept.

-- A number in its shortest form.
create or replace function onetill.short(p_text text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return trim_scale(onetill.figure(p_text))::text;
end $$;

-- Everything that an entry says, in the form of docs/receipts.md: an entry sent again has the same. Its figures are
-- plain (is_plain).
create or replace function onetill.canonical(
  p_id uuid, p_session_id uuid, p_kind text, p_original_id uuid, p_receipt jsonb, p_device_time timestamptz,
  p_recorded_by uuid, p_reason text,
  p_note text, p_age_checked boolean, p_totals jsonb, p_lines jsonb, p_taxes jsonb, p_tenders jsonb) returns bytea
language plpgsql stable set search_path = '' as $$
declare e jsonb; v_content text;
begin
  v_content := array_to_string(array['onetill-receipt-1', p_id::text, p_session_id::text, p_kind, p_original_id::text,
      p_receipt ->> 'till', p_receipt ->> 'seq',
    p_receipt ->> 'number', p_receipt ->> 'chain_seq', onetill.instant(p_device_time), p_recorded_by::text, p_reason,
        p_note, coalesce(p_age_checked, false)::text,
    p_totals ->> 'currency', p_totals ->> 'prices_include_tax', trim_scale((p_totals ->> 'gross')::numeric)::text,
        trim_scale(coalesce(p_totals ->> 'discount', '0')::numeric)::text,
    trim_scale((p_totals ->> 'net')::numeric)::text, trim_scale((p_totals ->> 'tax')::numeric)::text,
        trim_scale((p_totals ->> 'total')::numeric)::text,
    trim_scale(coalesce(p_totals ->> 'cash_rounding', '0')::numeric)::text,
        trim_scale(coalesce(p_totals ->> 'net_cash', '0')::numeric)::text,
    trim_scale(coalesce(p_totals ->> 'net_card', '0')::numeric)::text, trim_scale(coalesce(p_totals ->> 'net_other',
        '0')::numeric)::text], E'\x1f', '');
  for e in select x from jsonb_array_elements(p_lines) x loop
    v_content := v_content || E'\nline\x1f' || array_to_string(array[lower(e ->> 'item_id'), e ->> 'name', e ->> 'code',
        e ->> 'unit', trim_scale((e ->> 'quantity')::numeric)::text,
      trim_scale((e ->> 'unit_price')::numeric)::text, trim_scale((e ->> 'gross')::numeric)::text,
          trim_scale(coalesce(e ->> 'discount', '0')::numeric)::text,
      trim_scale(coalesce(e ->> 'cart_discount', '0')::numeric)::text, trim_scale((e ->> 'net')::numeric)::text,
          e ->> 'tax_code', e ->> 'original_line',
      trim_scale((e ->> 'list_price')::numeric)::text, e ->> 'discount_reason'], E'\x1f', '');
  end loop;
  for e in select x from jsonb_array_elements(p_taxes) x loop
    v_content := v_content || E'\ntax\x1f' || array_to_string(array[e ->> 'tax_code', e ->> 'component',
        trim_scale((e ->> 'rate')::numeric)::text,
      trim_scale((e ->> 'base')::numeric)::text, trim_scale((e ->> 'tax')::numeric)::text], E'\x1f', '');
  end loop;
  for e in select x from jsonb_array_elements(p_tenders) x loop
    v_content := v_content || E'\ntender\x1f' || array_to_string(array[e ->> 'kind', e ->> 'label',
        trim_scale((e ->> 'amount')::numeric)::text,
      trim_scale((e ->> 'tendered')::numeric)::text, trim_scale((e ->> 'change')::numeric)::text, e ->> 'reference'],
          E'\x1f', '');
  end loop;
  return convert_to(normalize(v_content || E'\n', nfc), 'UTF8');
end $$;

-- ---------------------------------------------------------------- what no text may hold

-- Thirteen to nineteen digits that pass the check of card numbers, in one run or in neighbouring ones with only spaces
-- and hyphens between;
-- any neighbours count together, so that what stands beside a number does not hide it. Digits are also Arabic, Persian,
-- Devanagari and full-width ones.
create or replace function onetill.holds_card_number(p_text text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  c_digits constant text := E'\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669'
    || E'\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9'
    || E'\u0966\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e\u096f'
    || E'\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19';
  c_joints constant text := E' \u00a0\u2007\u2010\u2011\u2012\u2013\u202f';
  v_text text := translate(p_text, c_digits || c_joints, repeat('0123456789', 4) || '--------');
  v_match text[]; v_runs text[]; v_number text; v_sum integer; v_digit integer;
begin
  if v_text is null or v_text !~ '[0-9](-*[0-9]){12}' then return false; end if;
  for v_match in select m from regexp_matches(v_text, '[0-9]+(?:-+[0-9]+)*', 'g') m loop
    v_runs := regexp_split_to_array(v_match[1], '-+');
    for i in 1..cardinality(v_runs) loop
      v_number := '';
      for j in i..cardinality(v_runs) loop
        v_number := v_number || v_runs[j];
        exit when length(v_number) > 19;
        continue when length(v_number) < 13 or v_number ~ '^0*$';
        -- Every second digit from the right counts double, with its digits added up.
        v_sum := 0;
        for k in 1..length(v_number) loop
          v_digit := substr(v_number, length(v_number) + 1 - k, 1)::integer * (1 + (k + 1) % 2);
          v_sum := v_sum + v_digit - case when v_digit > 9 then 9 else 0 end;
        end loop;
        if v_sum % 10 = 0 then return true; end if;
      end loop;
    end loop;
  end loop;
  return false;
end $$;

-- A1: a text has at most 200 letters, the note 500, and no control characters, which separate the fields of the
-- content.
create or replace function onetill.check_text(p_field text, p_no integer, p_text text,
    p_most integer default 200) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if length(p_text) > p_most then
    perform onetill.fail_sale('A1', p_field, p_no, format('at most %s characters', p_most), length(p_text)::text);
  elsif p_text ~ '[\x01-\x1f\x7f]' then
    perform onetill.fail_sale('A1', p_field, p_no, 'no control characters', 'a control character');
  end if;
end $$;

create or replace function onetill.check_texts(p_reason text, p_note text, p_lines jsonb, p_taxes jsonb,
    p_tenders jsonb) returns void
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
      if greatest(length(e ->> 'name'), length(e ->> 'code'), length(e ->> 'unit'), length(e ->> 'tax_code'),
          length(e ->> 'discount_reason'), length(e ->> 'component'),
          length(e ->> 'label'), length(e ->> 'reference')) > 200
        or concat(e ->> 'name', e ->> 'code', e ->> 'unit', e ->> 'tax_code', e ->> 'discount_reason',
            e ->> 'component', e ->> 'label', e ->> 'reference') ~ '[\x01-\x1f\x7f]' then
        foreach v_field in array array['name', 'code', 'unit', 'tax_code', 'discount_reason', 'component', 'label',
            'reference'] loop
          perform onetill.check_text(v_field, v_no, e ->> v_field);
        end loop;
      end if;
    end loop;
  end loop;
end $$;

revoke all on function onetill.unwrapped(jsonb), onetill.fail_sale(text, text, bigint, text, text), onetill.half_up(numeric, numeric),
    onetill.figure(text), onetill.short(text),
  onetill.sale_figures(text, jsonb, jsonb, jsonb, jsonb, integer, boolean), onetill.shares(numeric, numeric[]),
      onetill.check_shape(text, jsonb, jsonb, jsonb, jsonb),
  onetill.check_sums(jsonb, numeric, numeric, numeric, numeric, numeric, integer),
      onetill.check_tenders(text, jsonb, jsonb, numeric, integer),
  onetill.left_of_lines(uuid, uuid), onetill.left_of_taxes(uuid, uuid),
      onetill.fail_nothing_left(integer, numeric, numeric, text, bigint, text),
  onetill.refund_figures(public.pos_sales, jsonb, jsonb, jsonb, jsonb),
      onetill.void_figures(public.pos_sales, jsonb, jsonb, jsonb, jsonb),
  onetill.is_plain(jsonb, jsonb, jsonb, jsonb), onetill.canonical(uuid, uuid, text, uuid, jsonb, timestamptz, uuid,
      text, text, boolean, jsonb, jsonb, jsonb, jsonb),
  onetill.check_text(text, integer, text, integer), onetill.check_texts(text, text, jsonb, jsonb, jsonb),
  onetill.holds_card_number(text) from public, anon, authenticated;
