-- Who is asking, and how a refusal is worded. Identity comes from the verified token, never from parameters.
-- What calls and reports are made of is written in PL/pgSQL, here and in what follows, even where it is one expression: a
-- function with a search_path of its own is not inlined, and one in SQL would be planned anew for every row it is asked about.

-- Later files say more, and it never goes down: this one speaks only where nothing has yet.
do $do$ begin
  if to_regprocedure('onetill.schema_version()') is null then
    create function onetill.schema_version() returns integer
    language sql immutable set search_path = '' as $$ select 1 $$;
  end if;
end $do$;

-- Functions that clients may call, and when their rights were given: once, so that what the owner takes back stays taken.
create table if not exists onetill.published (
  function_name text primary key,
  at timestamptz not null default clock_timestamp()
);

-- Opens a function to signed-in callers and the store's server, and closes it to everybody else. A function has one
-- signature: another of the same name would make the REST endpoint ambiguous and might be anybody's to call, so it goes.
create or replace function onetill.publish(p_function regprocedure) returns void
language plpgsql set search_path = '' as $$
declare v_name name; x record;
begin
  select p.proname into v_name from pg_catalog.pg_proc p where p.oid = p_function;
  for x in select p.oid::regprocedure as other from pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname = v_name and p.oid <> p_function loop
    execute format('drop function %s', x.other);
    perform onetill.reconciled('function_dropped', v_name, null, null, x.other || ' made calls to ' || v_name || ' ambiguous');
    delete from onetill.published y where y.function_name = v_name;
  end loop;
  execute format('revoke all on function %s from public, anon', p_function);
  insert into onetill.published (function_name) values (v_name) on conflict do nothing;
  if found then
    execute format('grant execute on function %s to authenticated, service_role', p_function);
  end if;
end $$;

-- Ends the call with a typed error that PostgREST passes on as it is: a client acts on `code`, never on the text.
create or replace function onetill.fail(
  p_status integer, p_code text, p_message text, p_details text default null, p_hint text default null)
returns void language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PGRST' using
    message = json_build_object('code', p_code, 'message', p_message, 'details', p_details, 'hint', p_hint)::text,
    detail = json_build_object('status', p_status, 'headers',
      case when p_status = 503 then '{"Retry-After": "1", "Access-Control-Expose-Headers": "X-Session-Outcome, Retry-After"}'::json else '{}'::json end)::text;
end $$;

create or replace function onetill.fail_busy() returns void language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(503, 'POS_REGISTER_BUSY', 'The register is busy; try again.');
end $$;

create or replace function onetill.request_header(p_name text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return nullif(current_setting('request.headers', true), '')::json ->> p_name;
end $$;

-- A header that should be a UUID: null when it is absent or is none.
create or replace function onetill.uuid_or_null(p_text text) returns uuid
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_text ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then p_text::uuid end;
end $$;

-- The store's own server, with the secret key: bound by the rules of the register, not by a vendor.
create or replace function onetill.is_service() returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return current_setting('role', true) = 'service_role'
    or coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' = 'service_role', false);
end $$;

do $$ begin
  if to_regtype('onetill.caller') is null then
    create type onetill.caller as (user_id uuid, vendor_id uuid, location_id uuid, role text, display_name text);
  end if;
end $$;

-- The active member of staff behind this call, or the store's server as role `service`.
create or replace function onetill.caller() returns onetill.caller
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller;
begin
  select st.user_id, st.vendor_id, st.location_id, st.role, st.display_name into c
    from public.pos_staff st where st.user_id = auth.uid() and st.is_active;
  if c.user_id is null then
    if not onetill.is_service() then
      perform onetill.fail(403, 'POS_NOT_STAFF', 'This account is not active staff of a store.',
        null, 'Ask the owner to add the account to the staff.');
    end if;
    c.role := 'service';
  end if;
  return c;
end $$;

-- For row level security: null for everybody who is not active staff, so that no row matches.
create or replace function onetill.my_vendor() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select st.vendor_id from public.pos_staff st where st.user_id = auth.uid() and st.is_active);
end $$;

-- How the shop's own rows name the account behind a login: by its row in `users`, where they point there, else by the login.
-- Null where they must point to a row that this account does not have.
create or replace function onetill.person_key(p_login uuid) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare v_keys record; v_person uuid; v_parent regclass; v_column name;
begin
  select k.confrelid::regclass, p.attname into v_parent, v_column
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = 'user_id'
    join pg_catalog.pg_attribute p on p.attrelid = k.confrelid and p.attnum = k.confkey[1]
    where k.contype = 'f' and k.conrelid in (to_regclass('public.pos_sessions'), to_regclass('public.pos_cash_movements'))
    order by k.conrelid, k.conname limit 1;
  select * into v_keys from onetill.users_keys();
  if v_parent = to_regclass('auth.users') or v_parent = to_regclass('public.users') and v_column = v_keys.login and v_keys.login <> v_keys.person then
    return p_login;
  end if;
  if v_keys.login is not null and v_keys.person is not null then
    execute format('select u.%I from public.users u where u.%I = $1 order by 1 limit 1', v_keys.person, v_keys.login) into v_person using p_login;
  end if;
  return coalesce(v_person, case when v_parent is null then p_login end);
end $$;

-- Who of the staff is meant by a login, or by the shop's own name for a person; whoever is nobody here stays themselves.
create or replace function onetill.staff_of(p_id uuid) returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select st.user_id from public.pos_staff st where st.user_id = p_id),
    (select st.user_id from public.pos_staff st where st.person_id = p_id), p_id);
end $$;

create or replace function onetill.my_id() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return auth.uid();
end $$;

-- Null for those who work everywhere.
create or replace function onetill.my_location() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select st.location_id from public.pos_staff st where st.user_id = auth.uid() and st.is_active);
end $$;

create or replace function onetill.i_manage() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from public.pos_staff st
    where st.user_id = auth.uid() and st.is_active and st.role in ('manager', 'owner'));
end $$;

create or replace function onetill.manages(c onetill.caller) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return c.role in ('manager', 'owner', 'service');
end $$;

create or replace function onetill.require_manager(c onetill.caller) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if not onetill.manages(c) then
    perform onetill.fail(403, 'POS_MANAGER_REQUIRED', 'This needs a manager.');
  end if;
end $$;

create or replace function onetill.require_owner(c onetill.caller) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if c.role <> 'owner' then
    perform onetill.fail(403, 'POS_OWNER_REQUIRED', 'This needs the owner.');
  end if;
end $$;

-- A location of the caller's own; another vendor's does not exist for them.
create or replace function onetill.require_location(c onetill.caller, p_location_id uuid) returns public.locations
language plpgsql stable set search_path = '' as $$
declare l public.locations;
begin
  select * into l from public.locations x
    where x.id = p_location_id and (c.role = 'service' or x.vendor_id = c.vendor_id);
  if l.id is null then
    perform onetill.fail(404, 'POS_LOCATION_NOT_FOUND', 'There is no such location.');
  end if;
  if c.location_id <> l.id then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at another location.');
  end if;
  return l;
end $$;

-- A session the caller may work on; another vendor's does not exist for them.
create or replace function onetill.require_session(c onetill.caller, p_session_id uuid) returns public.pos_sessions
language plpgsql stable set search_path = '' as $$
declare s public.pos_sessions;
begin
  select * into s from public.pos_sessions x
    where x.id = p_session_id and (c.role = 'service' or x.vendor_id = c.vendor_id);
  if s.id is null then
    perform onetill.fail(404, 'POS_SESSION_NOT_FOUND', 'There is no such shift.');
  end if;
  if c.location_id <> s.location_id then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at another location.');
  end if;
  return s;
end $$;

-- Register, then session: the one lock order. The session comes back as it is now that nobody else can change it.
create or replace function onetill.lock_session(p_session_id uuid, p_register_id uuid) returns public.pos_sessions
language plpgsql set search_path = '' as $$
declare s public.pos_sessions;
begin
  perform 1 from public.pos_registers r where r.id = p_register_id for no key update;
  select * into s from public.pos_sessions x where x.id = p_session_id for no key update;
  return s;
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- Figures read after a lock was waited for must be the ones of now. The functions pin READ COMMITTED, and the REST
-- endpoint starts their transactions with it; another caller who did not is told so, because an older snapshot would
-- miss the movement that the lock waited for.
create or replace function onetill.require_fresh_reads() returns void
language plpgsql set search_path = '' as $$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    perform onetill.fail(500, 'POS_BAD_ISOLATION', 'This must run in a READ COMMITTED transaction.');
  end if;
end $$;

create or replace function onetill.fail_over(s public.pos_sessions) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(409, 'POS_SESSION_OVER', 'This shift is over.',
    jsonb_build_object('session_id', s.id, 'status', s.status, 'ended_at', onetill.instant(coalesce(s.ended_at, s.closed_at)),
      'ended_by_name', onetill.staff_name(coalesce(s.ended_by, s.closed_by)))::text);
end $$;

-- ---------------------------------------------------------------- how values look on the wire

create or replace function onetill.currency_scale(p_currency text) returns integer
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
    'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0 else 2 end;
end $$;

create or replace function onetill.money(p_amount numeric, p_currency text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return round(p_amount, onetill.currency_scale(p_currency))::text;
end $$;

create or replace function onetill.instant(p_at timestamptz) returns text
language plpgsql stable set search_path = '' as $$
begin
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end $$;

-- The name behind a login, or behind the shop's own key for a person.
create or replace function onetill.staff_name(p_id uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select st.display_name from public.pos_staff st where st.user_id = p_id),
    (select st.display_name from public.pos_staff st where st.person_id = p_id));
end $$;

-- An amount that a drawer can hold, in the location's currency. NaN sorts above every number, so one comparison refuses it too.
create or replace function onetill.is_amount(p_amount numeric) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return coalesce(p_amount between 0 and 9999999.99, false);
end $$;

-- What the selling files add to the sheets, the poll and the proof of the files before them; nothing until those ran.
do $do$
declare x record;
begin
  for x in select * from (values
      ('sales_of_shift(s public.pos_sessions)', 'jsonb'), ('sales_of_register(r public.pos_registers)', 'jsonb'),
      ('sales_of_day(l public.locations, p_date date)', 'jsonb'), ('addendum(s public.pos_sessions)', 'jsonb'),
      ('hear_receipts(s public.pos_sessions)', 'void'), ('try_selling(p_session_id uuid)', 'void'),
      ('selling_checks(p_vendor_id uuid, out check_name text, out ok boolean, out detail text, out remedy text)', 'setof record')) y(signature, result) loop
    continue when to_regproc('onetill.' || split_part(x.signature, '(', 1)) is not null;
    execute format('create function onetill.%s returns %s language plpgsql volatile set search_path = '''' as %L', x.signature, x.result,
      case x.result when 'jsonb' then 'begin return ''{}''; end' else 'begin return; end' end);
  end loop;
end $do$;

create or replace function onetill.business_date(p_location_id uuid, p_at timestamptz) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (
    select ((p_at at time zone l.timezone) - l.business_day_cutoff::interval)::date
      from public.locations l where l.id = p_location_id);
end $$;

-- What stands here is private, but for what row level security asks in the caller's name.
revoke all on all functions in schema onetill from public, anon;
do $$
declare f record;
begin
  for f in select p.oid::regprocedure as name, p.proname in ('my_vendor', 'my_id', 'my_location', 'i_manage') as asked from pg_catalog.pg_proc p
      where p.pronamespace = 'onetill'::regnamespace and p.prokind = 'f' loop
    if f.asked and not has_function_privilege('authenticated', f.name, 'execute') then
      execute format('grant execute on function %s to authenticated, service_role', f.name);
    elsif not f.asked and has_function_privilege('authenticated', f.name, 'execute') then
      execute format('revoke all on function %s from authenticated', f.name);
    end if;
  end loop;
end $$;
grant usage on schema onetill to authenticated, service_role;
