-- What a shop sells and by which rules: kept by managers, taxes and rules by the owner, and handed to the registers
-- page by page.

-- ---------------------------------------------------------------- versions

-- Every change of an item, its codes or its prices gives it a version above all others of the vendor, and every change
-- of taxes, keys or rules
-- gives the vendor one. Versions of a vendor are given one transaction after another: whoever has read up to one has
-- missed nothing below it.
create sequence if not exists onetill.catalogue_version;
revoke all on sequence onetill.catalogue_version from public, anon, authenticated;

create table if not exists onetill.catalogue_settings (
  vendor_id uuid primary key,
  version bigint not null
);
alter table onetill.catalogue_settings enable row level security;
revoke all on onetill.catalogue_settings from public, anon, authenticated;
do $$ begin
  if not exists (select from pg_policies y where y.schemaname = 'onetill' and y.policyname = 'catalogue_settings_read')
      then
    create policy catalogue_settings_read on onetill.catalogue_settings for select to service_role using (true);
  end if;
end $$;

create or replace function onetill.next_version(p_vendor_id uuid) returns bigint
language plpgsql volatile set search_path = '' as $$
begin
  -- Held until the end of the transaction.
  perform pg_advisory_xact_lock(17, hashtext(p_vendor_id::text));
  return nextval('onetill.catalogue_version');
end $$;

create or replace function onetill.number_item() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.version := onetill.next_version(new.vendor_id);
  return new;
end $$;
create or replace trigger number_item before insert or update on public.pos_items
  for each row execute function onetill.number_item();

-- Codes and prices belong to their items.
create or replace function onetill.number_its_item() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.pos_items i set version = 0 where tg_op <> 'DELETE' and i.id = new.item_id or tg_op <> 'INSERT'
      and i.id = old.item_id;
  return null;
end $$;

create or replace function onetill.number_settings() returns trigger
language plpgsql security definer set search_path = '' as $$
declare v_vendor uuid;
begin
  for v_vendor in select distinct v from unnest(array[case when tg_op <> 'DELETE' then new.vendor_id end,
      case when tg_op <> 'INSERT' then old.vendor_id end]) v where v is not null loop
    insert into onetill.catalogue_settings as x (vendor_id, version) values (v_vendor, onetill.next_version(v_vendor))
      on conflict (vendor_id) do update set version = excluded.version;
  end loop;
  return null;
end $$;

do $$
declare t text;
begin
  foreach t in array array['pos_item_codes', 'pos_item_prices'] loop
    execute format('create or replace trigger number_its_item after insert or update or delete on public.%I
      for each row execute function onetill.number_its_item()', t);
  end loop;
  foreach t in array array['pos_taxes', 'pos_quick_keys', 'pos_selling_rules'] loop
    execute format('create or replace trigger number_settings after insert or update or delete on public.%I
      for each row execute function onetill.number_settings()', t);
  end loop;
end $$;

-- A rate is kept as one text, however the store's own server writes it: sales are held against it by its digits.
create or replace function onetill.plain_rates() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if jsonb_typeof(new.components) = 'array' then
    new.components := coalesce((
      select jsonb_agg(case when jsonb_typeof(x.e) = 'object' and onetill.short(x.e ->> 'rate') is not null
          then x.e || jsonb_build_object('rate', onetill.short(x.e ->> 'rate')) else x.e end order by x.no)
        from jsonb_array_elements(new.components) with ordinality x(e, no)), '[]');
  end if;
  return new;
end $$;
create or replace trigger plain_rates before insert or update on public.pos_taxes
  for each row execute function onetill.plain_rates();
update public.pos_taxes t set components = t.components where jsonb_path_exists(t.components, '$[*].rate ? (@.type() == "number")');

-- ---------------------------------------------------------------- the rules of a place

-- Where the law wants a certified register, which this program is not.
create or replace function onetill.wants_certificate(p_country text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return p_country in ('AT', 'BE', 'DE', 'FR', 'HR', 'HU', 'IT', 'PL', 'PT');
end $$;

-- The steps that cash is rounded to where a currency has no coin for every amount.
create or replace function onetill.cash_steps(p_currency text) returns numeric[]
language plpgsql immutable set search_path = '' as $$
begin
  return case
    when p_currency in ('ARS', 'CZK', 'INR', 'NOK', 'PHP', 'RUB', 'SEK', 'THB', 'TWD', 'UYU')
        then array[0.05, 0.10, 0.25, 0.50, 1]
    when p_currency in ('DKK', 'MXN') then array[0.05, 0.10, 0.25, 0.50]
    when p_currency = 'HUF' then array[1, 5]
    when p_currency in ('COP', 'IDR') then array[1, 5, 10, 50, 100]
    when onetill.currency_scale(p_currency) = 0 then array[1, 5, 10, 50, 100, 500, 1000]
    else array[0.01, 0.02, 0.05, 0.10] end::numeric[];
end $$;

-- The rules as they hold at a location: its own, else the shop's, else those of a shop that said nothing. Selling is
-- off where nobody switched
-- it on, where nobody said which country it is, and where the law wants more than this program does.
create or replace function onetill.selling_rules(l public.locations) returns public.pos_selling_rules
language plpgsql stable set search_path = '' as $$
declare r public.pos_selling_rules;
begin
  select * into r from public.pos_selling_rules x where x.vendor_id = l.vendor_id
      and (x.location_id = l.id or x.location_id is null)
    order by x.location_id nulls last limit 1;
  if r.id is null then
    r.vendor_id := l.vendor_id; r.selling_on := false; r.prices_include_tax := false; r.cash_half := 'up';
    r.discount_percent_limit := 10;
    r.refund_limit := 50; r.void_limit := 50; r.price_override := false; r.no_receipt_refund := true;
    r.other_tenders := '{}'; r.code_rules := '[]';
  end if;
  r.selling_on := r.selling_on and l.country is not null and not onetill.wants_certificate(l.country);
  return r;
end $$;

create or replace function onetill.selling_rules_json(l public.locations) returns jsonb
language plpgsql stable set search_path = '' as $$
declare r public.pos_selling_rules;
begin
  r := onetill.selling_rules(l);
  return jsonb_build_object('selling_on', r.selling_on, 'country', l.country, 'fiscal', coalesce(l.fiscal, 'off'),
    'needs_certificate', coalesce(onetill.wants_certificate(l.country), false), 'currency', l.currency,
        'prices_include_tax', r.prices_include_tax,
    'cash_step', onetill.money(r.cash_step, l.currency), 'cash_half', r.cash_half, 'discount_percent_limit',
        r.discount_percent_limit::text,
    'sale_limit', onetill.money(r.sale_limit, l.currency), 'refund_limit', onetill.money(r.refund_limit, l.currency),
    'void_limit', onetill.money(r.void_limit, l.currency), 'price_override', r.price_override, 'no_receipt_refund',
        r.no_receipt_refund,
    'other_tenders', to_jsonb(r.other_tenders), 'receipt_header', r.receipt_header, 'receipt_footer', r.receipt_footer,
        'code_rules', r.code_rules);
end $$;

-- The tax codes that hold at a location on a date.
create or replace function onetill.taxes_at(l public.locations, p_date date) returns setof public.pos_taxes
language plpgsql stable set search_path = '' as $$
begin
  return query
    select distinct on (x.code) x.* from public.pos_taxes x
      where x.vendor_id = l.vendor_id and (x.location_id = l.id or x.location_id is null) and x.valid_from <= p_date
      order by x.code, x.location_id nulls last, x.valid_from desc;
end $$;

create or replace function onetill.item_json(i public.pos_items, l public.locations) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('id', i.id, 'name', i.name, 'short_name', i.short_name, 'sku', i.sku, 'unit', i.unit,
    'price', onetill.money(coalesce((select p.price from public.pos_item_prices p where p.item_id = i.id
        and p.location_id = l.id), i.price), l.currency),
    'price_is_open', i.price_is_open, 'tax_code', i.tax_code, 'category', i.category, 'age_limit', i.age_limit,
        'version', i.version,
    'codes', coalesce((select jsonb_agg(jsonb_build_object('code', k.code, 'factor', trim_scale(k.factor)::text)
        order by k.code)
      from public.pos_item_codes k where k.item_id = i.id and k.vendor_id = i.vendor_id), '[]'));
end $$;

-- What changed since a cursor, in pages: a register that knows everything gets nothing, whatever the catalogue holds.
-- Items out of use are in
-- `removed`. Taxes (those of today and those to come), keys and rules come whole, with the last page of what changed,
-- and null where nothing did.
create or replace function public.pos_catalogue(p_location_id uuid, p_since bigint default null,
    p_limit integer default 2000) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c onetill.caller; l public.locations; v_limit integer := least(greatest(coalesce(p_limit, 2000), 1), 5000);
  v_since bigint := coalesce(p_since, 0);
  v_items jsonb; v_removed jsonb; v_last bigint; v_count bigint; v_settings bigint; v_more boolean; v_told boolean;
begin
  c := onetill.caller();
  l := onetill.require_location(c, p_location_id);
  select coalesce(x.version, 0) into v_settings from (select) one left join onetill.catalogue_settings x
      on x.vendor_id = l.vendor_id;
  select count(*), max(i.version), coalesce(jsonb_agg(onetill.item_json(i, l) order by i.version)
      filter (where i.is_active), '[]'),
      coalesce(jsonb_agg(i.id order by i.version) filter (where not i.is_active), '[]')
    into v_count, v_last, v_items, v_removed
    from (select x.* from public.pos_items x where x.vendor_id = l.vendor_id and x.version > v_since order by x.version
        limit v_limit) i;
  v_more := v_count = v_limit and exists (select from public.pos_items x where x.vendor_id = l.vendor_id
      and x.version > v_last);
  v_told := not v_more and (p_since is null or v_count > 0 or v_settings > v_since);
  return jsonb_build_object(
    'location_id', l.id, 'cursor', case when v_more then v_last else greatest(v_since, coalesce(v_last, 0),
        v_settings) end, 'more', v_more,
    'items', v_items, 'removed', case when p_since is null then '[]'::jsonb else v_removed end,
    'taxes', case when v_told then coalesce((
      select jsonb_agg(jsonb_build_object('code', t.code, 'name', t.name, 'components', t.components, 'valid_from',
          t.valid_from) order by t.code, t.valid_from)
        from (select x.* from onetill.taxes_at(l, onetill.business_date(l.id, clock_timestamp())) x
          union all select x.* from public.pos_taxes x where x.vendor_id = l.vendor_id
              and (x.location_id = l.id or x.location_id is null)
            and x.valid_from > onetill.business_date(l.id, clock_timestamp())
            -- A location's own rate stays in force when the shop's changes.
            and (x.location_id is not null or not exists (select from public.pos_taxes y where y.vendor_id = x.vendor_id
                and y.location_id = l.id and y.code = x.code and y.valid_from <= x.valid_from))) t), '[]') end,
    'quick_keys', case when v_told then coalesce((
      select jsonb_agg(jsonb_build_object('page', k.page, 'place', k.place, 'item_id', k.item_id, 'label', k.label,
          'colour', k.colour) order by k.page, k.place)
        from public.pos_quick_keys k where k.location_id = l.id), '[]') end,
    'rules', case when v_told then onetill.selling_rules_json(l) end,
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- ---------------------------------------------------------------- keeping it

create or replace function onetill.fail_catalogue(p_message text, p_field text, p_got text) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(400, 'POS_BAD_CATALOGUE', p_message, json_build_object('field', p_field, 'got',
      left(p_got, 200))::text);
end $$;

-- Where a manager may keep things: at their location, or (null) for the whole shop where they work everywhere.
create or replace function onetill.require_keeper(c onetill.caller, p_location_id uuid) returns void
language plpgsql stable set search_path = '' as $$
begin
  if p_location_id is not null then
    perform onetill.require_location(c, p_location_id);
  elsif c.location_id is not null or c.vendor_id is null then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at one location.');
  end if;
end $$;

-- Writes one item as it is to be: `p_item` {name, short_name, sku, unit, price, price_is_open, tax_code, category,
-- age_limit, is_active,
-- codes [{code, factor}], prices [{location_id, price}], version}. Codes and prices that are given replace those there
-- are. A `version` that is given is what the writer had before them, 0 for nothing: where somebody changed the item
-- meanwhile to anything else than this, it is refused. `p_vendor_id` is known to be the caller's, and nobody else of
-- theirs writes now (next_version).
create or replace function onetill.save_item(p_id uuid, p_vendor_id uuid, p_item jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_price numeric := onetill.figure(p_item ->> 'price'); v_age integer; v_code text; x record;
  v_known numeric := onetill.figure(p_item ->> 'version');
  v_before bigint := coalesce((select i.version from public.pos_items i where i.id = p_id
      and i.vendor_id = p_vendor_id), 0);
begin
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'An item needs an id made by the client.');
  end if;
  if coalesce(jsonb_typeof(p_item), 'null') <> 'object' then
    perform onetill.fail_catalogue('An item is an object.', 'item', jsonb_typeof(p_item));
  end if;
  if coalesce(trim(p_item ->> 'name'), '') = '' or length(p_item ->> 'name') > 200 then
    perform onetill.fail_catalogue('An item has a name of at most 200 letters.', 'name', p_item ->> 'name');
  end if;
  if p_item ->> 'price' is not null and (v_price between 0 and 999999999.99 and v_price = round(v_price, 2)) is not true
      then
    perform onetill.fail_catalogue('A price is zero or more, with at most two places.', 'price', p_item ->> 'price');
  end if;
  if v_price is null and p_item ->> 'price_is_open' is distinct from 'true' then
    perform onetill.fail_catalogue('An item without a price has an open one.', 'price', null);
  end if;
  if p_item ->> 'age_limit' is not null and (p_item ->> 'age_limit' ~ '^[0-9]{1,2}$') is not true
      or p_item ->> 'age_limit' = '0' then
    perform onetill.fail_catalogue('An age limit is a number of years.', 'age_limit', p_item ->> 'age_limit');
  end if;
  v_age := (p_item ->> 'age_limit')::integer;
  for x in select * from (values ('short_name', 40), ('sku', 64), ('unit', 16), ('tax_code', 32),
      ('category', 80)) y(field, most) loop
    if length(p_item ->> x.field) > x.most then
      perform onetill.fail_catalogue(format('%s has at most %s letters.', x.field, x.most), x.field,
          p_item ->> x.field);
    end if;
  end loop;
  insert into public.pos_items as i (id, vendor_id, name, short_name, sku, unit, price, price_is_open, tax_code,
      category, age_limit, is_active, version)
    values (p_id, p_vendor_id, trim(p_item ->> 'name'), nullif(trim(p_item ->> 'short_name'), ''),
        nullif(trim(p_item ->> 'sku'), ''), nullif(trim(p_item ->> 'unit'), ''),
      v_price, coalesce(p_item ->> 'price_is_open', 'false') = 'true', nullif(trim(p_item ->> 'tax_code'), ''),
          nullif(trim(p_item ->> 'category'), ''), v_age,
      coalesce(p_item ->> 'is_active', 'true') = 'true', 0)
    on conflict (id) do update set name = excluded.name, short_name = excluded.short_name, sku = excluded.sku,
        unit = excluded.unit, price = excluded.price,
      price_is_open = excluded.price_is_open, tax_code = excluded.tax_code, category = excluded.category,
          age_limit = excluded.age_limit, is_active = excluded.is_active
      where i.vendor_id = excluded.vendor_id and (i.name, i.short_name, i.sku, i.unit, i.price, i.price_is_open,
          i.tax_code, i.category, i.age_limit, i.is_active)
        is distinct from (excluded.name, excluded.short_name, excluded.sku, excluded.unit, excluded.price,
            excluded.price_is_open, excluded.tax_code, excluded.category,
          excluded.age_limit, excluded.is_active);
  if not exists (select from public.pos_items i where i.id = p_id and i.vendor_id = p_vendor_id) then
    perform onetill.fail(404, 'POS_ITEM_NOT_FOUND', 'There is no such item.');
  end if;
  if jsonb_typeof(p_item -> 'codes') = 'array' then
    if jsonb_array_length(p_item -> 'codes') > 50 then
      perform onetill.fail_catalogue('An item has at most 50 codes.', 'codes',
          jsonb_array_length(p_item -> 'codes')::text);
    end if;
    for x in select e ->> 'code' as code, coalesce(e ->> 'factor', '1') as factor
        from jsonb_array_elements(p_item -> 'codes') e loop
      if x.code is null or x.code !~ '^[!-~]{1,64}$' then
        perform onetill.fail_catalogue('A code has 1 to 64 letters and digits.', 'code', x.code);
      elsif (onetill.figure(x.factor) > 0 and onetill.figure(x.factor) <= 99999) is not true then
        perform onetill.fail_catalogue('A factor is above zero.', 'factor', x.factor);
      end if;
    end loop;
    select k.code into v_code from public.pos_item_codes k where k.vendor_id = p_vendor_id and k.item_id <> p_id
      and k.code in (select e ->> 'code' from jsonb_array_elements(p_item -> 'codes') e) limit 1;
    if found then
      perform onetill.fail(409, 'POS_CODE_TAKEN', 'Another item has this code.',
          json_build_object('code', v_code)::text);
    end if;
    delete from public.pos_item_codes k where k.item_id = p_id and k.vendor_id = p_vendor_id
      and k.code not in (select e ->> 'code' from jsonb_array_elements(p_item -> 'codes') e);
    insert into public.pos_item_codes as k (vendor_id, code, item_id, factor)
      select distinct on (e ->> 'code') p_vendor_id, e ->> 'code', p_id, onetill.figure(coalesce(e ->> 'factor', '1'))
          from jsonb_array_elements(p_item -> 'codes') e
      on conflict (vendor_id, code) do update set factor = excluded.factor where k.factor <> excluded.factor;
  end if;
  if jsonb_typeof(p_item -> 'prices') = 'array' then
    for x in select e ->> 'location_id' as location, e ->> 'price' as price
        from jsonb_array_elements(p_item -> 'prices') e loop
      if not exists (select from public.locations l where l.id = onetill.uuid_or_null(x.location)
          and l.vendor_id = p_vendor_id) then
        perform onetill.fail(404, 'POS_LOCATION_NOT_FOUND', 'There is no such location.');
      elsif (onetill.figure(x.price) between 0 and 999999999.99
          and onetill.figure(x.price) = round(onetill.figure(x.price), 2)) is not true then
        perform onetill.fail_catalogue('A price is zero or more, with at most two places.', 'price', x.price);
      end if;
    end loop;
    delete from public.pos_item_prices p where p.item_id = p_id and p.location_id::text
        not in (select lower(e ->> 'location_id') from jsonb_array_elements(p_item -> 'prices') e);
    insert into public.pos_item_prices as p (item_id, location_id, vendor_id, price)
      select distinct on (e ->> 'location_id') p_id, (e ->> 'location_id')::uuid, p_vendor_id,
          onetill.figure(e ->> 'price') from jsonb_array_elements(p_item -> 'prices') e
      on conflict (item_id, location_id) do update set price = excluded.price where p.price <> excluded.price;
  end if;
  -- Written again as it is, it keeps its version: so a lost answer may be asked for again.
  if v_known <> v_before and v_before <> (select i.version from public.pos_items i where i.id = p_id) then
    perform onetill.fail(409, 'POS_ITEM_CHANGED', 'Somebody changed this item meanwhile.',
        json_build_object('version', v_before)::text);
  end if;
end $$;

-- An item as managers keep it, with all its prices and also out of use.
create or replace function onetill.kept_item_json(i public.pos_items) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('id', i.id, 'name', i.name, 'short_name', i.short_name, 'sku', i.sku, 'unit', i.unit,
    'price', i.price::text, 'price_is_open', i.price_is_open, 'tax_code', i.tax_code, 'category', i.category,
    'age_limit', i.age_limit, 'is_active', i.is_active, 'version', i.version,
    'codes', coalesce((select jsonb_agg(jsonb_build_object('code', k.code, 'factor', trim_scale(k.factor)::text)
        order by k.code)
      from public.pos_item_codes k where k.item_id = i.id and k.vendor_id = i.vendor_id), '[]'),
    'prices', coalesce((select jsonb_agg(jsonb_build_object('location_id', p.location_id, 'price', p.price::text)
        order by p.location_id)
      from public.pos_item_prices p where p.item_id = i.id and p.vendor_id = i.vendor_id), '[]'));
end $$;

-- The items of the shop, for who keeps them: by name, those after `p_after` (an item), which have every word of
-- `p_search` somewhere in name, short name, number or category, in any case and with any accents, or are named by it as
-- a code; or, for who reads all of them, by version, those above `p_since`: what changes meanwhile comes once more.
create or replace function public.pos_items(p_location_id uuid, p_search text default null, p_after uuid default null,
    p_since bigint default null, p_limit integer default 50) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c onetill.caller; l public.locations; v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 1000);
  v_text text := left(trim(coalesce(p_search, '')), 200); v_words text[]; v_coded uuid[]; v_after text;
  v_items jsonb; v_count integer; v_last bigint;
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  l := onetill.require_location(c, p_location_id);
  if p_since is not null then
    select count(*), max(i.version), coalesce(jsonb_agg(onetill.kept_item_json(i) order by i.version), '[]')
      into v_count, v_last, v_items
      from (select x.* from public.pos_items x where x.vendor_id = l.vendor_id and x.version > p_since
        order by x.version limit v_limit) i;
  else
    v_words := regexp_split_to_array(lower(regexp_replace(normalize(v_text, NFKD), '[\u0300-\u036f]', '', 'g')), '\s+');
    v_coded := array(select k.item_id from public.pos_item_codes k where k.vendor_id = l.vendor_id
      and k.code in (v_text, lpad(v_text, 13, '0'), lpad(v_text, 14, '0'), ltrim(v_text, '0')) and v_text <> '');
    v_after := (select lower(i.name) from public.pos_items i where i.id = p_after and i.vendor_id = l.vendor_id);
    -- One more than is handed out says whether there are more.
    select count(*), coalesce(jsonb_agg(onetill.kept_item_json(i) order by lower(i.name), i.id), '[]') - v_limit
      into v_count, v_items
      from (select x.* from public.pos_items x
        where x.vendor_id = l.vendor_id and (v_after is null or (lower(x.name), x.id) > (v_after, p_after))
          and (v_text = '' or x.id = any (v_coded) or not exists (
            select from unnest(v_words) w,
              lateral (select concat_ws(' ', x.name, x.short_name, x.sku, x.category) as said) y
            where position(w in case when octet_length(y.said) = length(y.said) then lower(y.said)
              else lower(regexp_replace(normalize(y.said, NFKD), '[\u0300-\u036f]', '', 'g')) end) = 0))
        order by lower(x.name), x.id limit v_limit + 1) i;
  end if;
  return jsonb_build_object('location_id', l.id, 'items', v_items, 'more', v_count > v_limit - case
      when p_since is null then 0 else 1 end, 'cursor', coalesce(v_last, p_since),
    'can_save', c.location_id is null,
    'taxes', coalesce((select jsonb_agg(jsonb_build_object('code', t.code, 'name', t.name) order by t.code)
      from (select distinct on (x.code) x.code, x.name from public.pos_taxes x where x.vendor_id = l.vendor_id
        order by x.code, x.location_id nulls first, x.valid_from desc) t), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- The keys of a location's screen, each with the item behind it.
create or replace function onetill.kept_keys_json(p_location_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select jsonb_agg(jsonb_build_object('page', k.page, 'place', k.place, 'item_id', k.item_id,
      'label', k.label, 'colour', k.colour, 'name', i.name, 'is_active', i.is_active) order by k.page, k.place)
    from public.pos_quick_keys k join public.pos_items i on i.id = k.item_id where k.location_id = p_location_id), '[]');
end $$;

-- The taxes of a shop from every date.
create or replace function onetill.kept_taxes_json(p_vendor_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select jsonb_agg(jsonb_build_object('location_id', t.location_id, 'code', t.code, 'name', t.name,
      'components', t.components, 'valid_from', t.valid_from) order by t.code, t.location_id nulls first, t.valid_from)
    from public.pos_taxes t where t.vendor_id = p_vendor_id), '[]');
end $$;

-- What managers keep of a location beside items.
create or replace function public.pos_catalogue_settings(p_location_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; l public.locations;
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  l := onetill.require_location(c, p_location_id);
  return jsonb_build_object('location_id', l.id, 'quick_keys', onetill.kept_keys_json(l.id),
    'taxes', onetill.kept_taxes_json(l.vendor_id), 'can_save_taxes', c.role = 'owner' and c.location_id is null,
    'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function public.pos_save_item(p_id uuid, p_item jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller;
begin
  c := onetill.caller();
  p_item := onetill.unwrapped(p_item);
  perform onetill.require_manager(c);
  perform onetill.require_keeper(c, null);
  perform onetill.next_version(c.vendor_id);
  perform onetill.save_item(p_id, c.vendor_id, p_item);
  return jsonb_build_object('outcome', 'saved', 'item', (select onetill.kept_item_json(i) from public.pos_items i
      where i.id = p_id), 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- Up to a thousand items at once, each with its `id`. An item that cannot be taken is told by its place, and the others
-- are saved all the same.
create or replace function public.pos_import_items(p_items jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; x record; v_saved integer := 0; v_refused jsonb := jsonb_build_array(); v_message text;
begin
  c := onetill.caller();
  p_items := onetill.unwrapped(p_items);
  perform onetill.require_manager(c);
  perform onetill.require_keeper(c, null);
  if coalesce(jsonb_typeof(p_items), 'null') <> 'array' then
    perform onetill.fail_catalogue('Items are a list.', 'items', jsonb_typeof(p_items));
  elsif jsonb_array_length(p_items) > 1000 then
    perform onetill.fail_catalogue('At most a thousand items at once.', 'items', jsonb_array_length(p_items)::text);
  end if;
  perform onetill.next_version(c.vendor_id);
  for x in select e, no from jsonb_array_elements(p_items) with ordinality y(e, no) loop
    begin
      perform onetill.save_item(onetill.uuid_or_null(x.e ->> 'id'), c.vendor_id, x.e);
      v_saved := v_saved + 1;
    exception when sqlstate 'PGRST' then
      get stacked diagnostics v_message = message_text;
      v_refused := v_refused || jsonb_build_object('no', x.no, 'code', v_message::jsonb ->> 'code', 'message',
          v_message::jsonb ->> 'message');
    end;
  end loop;
  return jsonb_build_object('outcome', 'saved', 'saved', v_saved, 'refused', v_refused, 'server_time',
      onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- A tax code from a date on, at one location or (null) wherever a location has none of its own. Null components take
-- that row away again.
create or replace function public.pos_save_tax(p_location_id uuid, p_code text, p_name text, p_components jsonb,
    p_valid_from date default null) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; e jsonb; v_names text[] := array[]::text[]; v_from date := coalesce(p_valid_from,
    date '2000-01-01');
begin
  c := onetill.caller();
  p_components := onetill.unwrapped(p_components);
  perform onetill.require_owner(c);
  perform onetill.require_keeper(c, p_location_id);
  if coalesce(trim(p_code), '') = '' or length(p_code) > 32 then
    perform onetill.fail_catalogue('A tax code has 1 to 32 letters.', 'code', p_code);
  end if;
  if coalesce(jsonb_typeof(p_components), 'null') = 'null' then
    delete from public.pos_taxes t where t.vendor_id = c.vendor_id and t.location_id is not distinct from p_location_id
        and t.code = trim(p_code) and t.valid_from = v_from;
    return jsonb_build_object('outcome', 'saved', 'taxes', onetill.kept_taxes_json(c.vendor_id),
        'can_save_taxes', c.location_id is null, 'server_time', onetill.instant(clock_timestamp()));
  end if;
  if coalesce(trim(p_name), '') = '' or length(p_name) > 80 then
    perform onetill.fail_catalogue('A tax has a name of at most 80 letters.', 'name', p_name);
  elsif jsonb_typeof(p_components) <> 'array' or jsonb_array_length(p_components) not between 1 and 10 then
    perform onetill.fail_catalogue('A tax has 1 to 10 components.', 'components', p_components::text);
  end if;
  for e in select x from jsonb_array_elements(p_components) x loop
    if coalesce(trim(e ->> 'name'), '') = '' or length(e ->> 'name') > 80 or e ->> 'name' = any (v_names) then
      perform onetill.fail_catalogue('Each component has a name of its own.', 'name', e ->> 'name');
    elsif (onetill.figure(e ->> 'rate') between 0 and 99.99999
        and onetill.figure(e ->> 'rate') = round(onetill.figure(e ->> 'rate'), 5)) is not true then
      perform onetill.fail_catalogue('A rate is a fraction with at most five places: 0.0725 for 7.25 %.', 'rate',
          e ->> 'rate');
    end if;
    v_names := v_names || (e ->> 'name');
  end loop;
  insert into public.pos_taxes as t (vendor_id, location_id, code, name, components, valid_from)
    values (c.vendor_id, p_location_id, trim(p_code), trim(p_name),
      (select jsonb_agg(jsonb_build_object('name', x.e ->> 'name', 'rate', onetill.short(x.e ->> 'rate')) order by x.no)
          from jsonb_array_elements(p_components) with ordinality x(e, no)), v_from)
    on conflict (vendor_id, location_id, code, valid_from) do update set name = excluded.name,
        components = excluded.components;
  return jsonb_build_object('outcome', 'saved', 'taxes', onetill.kept_taxes_json(c.vendor_id),
      'can_save_taxes', c.location_id is null, 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- The keys of one page, as they are to be: [{place, item_id, label, colour}].
create or replace function public.pos_save_quick_keys(p_location_id uuid, p_page integer, p_keys jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; l public.locations; e jsonb; v_places text[] := array[]::text[];
begin
  c := onetill.caller();
  p_keys := onetill.unwrapped(p_keys);
  perform onetill.require_manager(c);
  l := onetill.require_location(c, p_location_id);
  if (p_page between 1 and 20) is not true then
    perform onetill.fail_catalogue('There are the pages 1 to 20.', 'page', p_page::text);
  elsif coalesce(jsonb_typeof(p_keys), 'null') <> 'array' or jsonb_array_length(p_keys) > 20 then
    perform onetill.fail_catalogue('A page has at most 20 keys.', 'keys', p_keys::text);
  end if;
  for e in select x from jsonb_array_elements(p_keys) x loop
    if (e ->> 'place' ~ '^([1-9]|1[0-9]|20)$') is not true or e ->> 'place' = any (v_places) then
      perform onetill.fail_catalogue('Each key has a place of its own from 1 to 20.', 'place', e ->> 'place');
    elsif length(e ->> 'label') > 40 or length(e ->> 'colour') > 16 then
      perform onetill.fail_catalogue('A label has at most 40 letters, a colour at most 16.', 'label', e ->> 'label');
    elsif not exists (select from public.pos_items i where i.id = onetill.uuid_or_null(e ->> 'item_id')
        and i.vendor_id = l.vendor_id) then
      perform onetill.fail(404, 'POS_ITEM_NOT_FOUND', 'There is no such item.');
    end if;
    v_places := v_places || (e ->> 'place');
  end loop;
  perform onetill.next_version(l.vendor_id);
  delete from public.pos_quick_keys k where k.location_id = l.id and k.page = p_page;
  insert into public.pos_quick_keys (location_id, page, place, vendor_id, item_id, label, colour)
    select l.id, p_page, (x ->> 'place')::smallint, l.vendor_id, (x ->> 'item_id')::uuid,
        nullif(trim(x ->> 'label'), ''), nullif(trim(x ->> 'colour'), '')
      from jsonb_array_elements(p_keys) x;
  return jsonb_build_object('outcome', 'saved', 'quick_keys', onetill.kept_keys_json(l.id),
      'can_save_taxes', c.role = 'owner' and c.location_id is null, 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- The rules of a location, or (null) of all that have none of their own; what is not given stays, or is as in a shop
-- that said nothing. `country` is
-- kept with the location. Selling is switched on only where this program may sell.
-- By which rules a location sells.
create or replace function public.pos_selling_rules(p_location_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; l public.locations;
begin
  c := onetill.caller();
  l := onetill.require_location(c, p_location_id);
  return jsonb_build_object('rules', onetill.selling_rules_json(l), 'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function public.pos_save_selling_rules(p_location_id uuid, p_rules jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare
  c onetill.caller; l public.locations; r public.pos_selling_rules; v_key text; v_value jsonb; v_text text;
  v_number numeric;
begin
  c := onetill.caller();
  p_rules := onetill.unwrapped(p_rules);
  perform onetill.require_owner(c);
  perform onetill.require_keeper(c, p_location_id);
  if coalesce(jsonb_typeof(p_rules), 'null') <> 'object' then
    perform onetill.fail_catalogue('Rules are an object.', 'rules', jsonb_typeof(p_rules));
  end if;
  if p_location_id is not null then
    select * into l from public.locations x where x.id = p_location_id for no key update;
  end if;
  select * into r from public.pos_selling_rules x where x.vendor_id = c.vendor_id and x.location_id is not distinct
      from p_location_id;
  if r.id is null then
    l.vendor_id := c.vendor_id;
    r := onetill.selling_rules(l);
    r.id := gen_random_uuid(); r.vendor_id := c.vendor_id; r.location_id := p_location_id;
    -- What the shop switched on for everywhere stays on.
    r.selling_on := coalesce((select x.selling_on from public.pos_selling_rules x where x.vendor_id = c.vendor_id
        and x.location_id is null), false);
  end if;
  for v_key, v_value in select * from jsonb_each(p_rules) loop
    v_text := nullif(trim(v_value #>> '{}'), '');
    v_number := onetill.figure(v_text);
    case v_key
      when 'country' then
        if p_location_id is null or v_text is not null and v_text !~ '^[A-Z]{2}$' then
          perform onetill.fail_catalogue('A country is two capital letters, and said of one location.', v_key, v_text);
        end if;
        update public.locations x set country = v_text where x.id = l.id and x.country is distinct from v_text;
        l.country := v_text;
      when 'selling_on', 'prices_include_tax', 'price_override', 'no_receipt_refund' then
        if jsonb_typeof(v_value) <> 'boolean' then
          perform onetill.fail_catalogue(v_key || ' is true or false.', v_key, v_text);
        end if;
        r := jsonb_populate_record(r, jsonb_build_object(v_key, v_value));
      when 'cash_half' then
        if coalesce(v_text not in ('up', 'down'), true) then
          perform onetill.fail_catalogue('A half goes up or down.', v_key, v_text);
        end if;
        r.cash_half := v_text;
      when 'cash_step' then
        if v_text is not null and coalesce(v_number <> all (onetill.cash_steps(coalesce(l.currency,
            (select min(x.currency) from public.locations x where x.vendor_id = c.vendor_id)))), true) then
          perform onetill.fail_catalogue('Cash in this currency is not rounded to this step.', v_key, v_text);
        end if;
        r.cash_step := v_number;
      when 'discount_percent_limit' then
        if v_text is not null and (v_number between 0 and 100 and v_number = round(v_number, 2)) is not true then
          perform onetill.fail_catalogue('A limit in per cent is 0 to 100.', v_key, v_text);
        end if;
        r.discount_percent_limit := v_number;
      when 'sale_limit', 'refund_limit', 'void_limit' then
        if v_text is not null and (v_number between 0 and 999999999.99 and v_number = round(v_number, 2)) is not true
            then
          perform onetill.fail_catalogue('A limit is an amount.', v_key, v_text);
        end if;
        r := jsonb_populate_record(r, jsonb_build_object(v_key, v_number));
      when 'receipt_header', 'receipt_footer' then
        if length(v_text) > 1000 then
          perform onetill.fail_catalogue('At most a thousand letters.', v_key, v_text);
        end if;
        r := jsonb_populate_record(r, jsonb_build_object(v_key, v_text));
      when 'other_tenders' then
        if jsonb_typeof(v_value) <> 'array' or jsonb_array_length(v_value) > 6
          or exists (select from jsonb_array_elements(v_value) e where jsonb_typeof(e) <> 'string'
              or length(trim(e #>> '{}')) not between 1 and 40) then
          perform onetill.fail_catalogue('Other tenders are up to six short names.', v_key, v_text);
        end if;
        r.other_tenders := array(select trim(e) from jsonb_array_elements_text(v_value) with ordinality x(e, no)
            order by no);
      when 'code_rules' then
        if jsonb_typeof(v_value) <> 'array' or jsonb_array_length(v_value) > 20 or length(v_value::text) > 4000
          or exists (select from jsonb_array_elements(v_value) e where jsonb_typeof(e) <> 'object'
              or (e ->> 'prefix' ~ '^[0-9]{1,4}$') is not true) then
          perform onetill.fail_catalogue('Code rules are up to twenty objects, each with its prefix.', v_key, v_text);
        end if;
        r.code_rules := v_value;
      else perform onetill.fail_catalogue('There is no such rule.', v_key, v_text);
    end case;
  end loop;
  if r.selling_on and p_location_id is not null and (l.country is null or onetill.wants_certificate(l.country)) then
    perform onetill.fail(403, 'POS_SELLING_OFF', case when l.country is null
        then 'Say first in which country this location is.'
      else 'Onetill is not a certified cash register in this country. Selling stays off.' end,
          json_build_object('country', l.country)::text);
  end if;
  insert into public.pos_selling_rules select r.*
    on conflict (vendor_id, location_id) do update set selling_on = excluded.selling_on,
        prices_include_tax = excluded.prices_include_tax, cash_step = excluded.cash_step,
      cash_half = excluded.cash_half, discount_percent_limit = excluded.discount_percent_limit,
          sale_limit = excluded.sale_limit, refund_limit = excluded.refund_limit,
      void_limit = excluded.void_limit, price_override = excluded.price_override,
          no_receipt_refund = excluded.no_receipt_refund, other_tenders = excluded.other_tenders,
      receipt_header = excluded.receipt_header, receipt_footer = excluded.receipt_footer,
          code_rules = excluded.code_rules;
  return jsonb_build_object('outcome', 'saved', 'rules', case when p_location_id is not null
      then onetill.selling_rules_json(l) end,
    'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

revoke all on function onetill.next_version(uuid), onetill.number_item(), onetill.number_its_item(),
    onetill.number_settings(), onetill.plain_rates(), onetill.wants_certificate(text),
  onetill.cash_steps(text), onetill.selling_rules(public.locations), onetill.selling_rules_json(public.locations),
      onetill.taxes_at(public.locations, date),
  onetill.item_json(public.pos_items, public.locations), onetill.fail_catalogue(text, text, text),
      onetill.require_keeper(onetill.caller, uuid),
  onetill.save_item(uuid, uuid, jsonb), onetill.kept_item_json(public.pos_items), onetill.kept_keys_json(uuid),
      onetill.kept_taxes_json(uuid) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_catalogue(uuid, bigint, integer)',
  'public.pos_items(uuid, text, uuid, bigint, integer)',
  'public.pos_catalogue_settings(uuid)',
  'public.pos_save_item(uuid, jsonb)',
  'public.pos_import_items(jsonb)',
  'public.pos_save_tax(uuid, text, text, jsonb, date)',
  'public.pos_save_quick_keys(uuid, integer, jsonb)',
  'public.pos_selling_rules(uuid)', 'public.pos_save_selling_rules(uuid, jsonb)']::regprocedure[]) f;
