-- Lets an installer prove on the live server that two open sessions on one register are impossible there, and that a shift
-- can be worked there. Every check looks at what the database is, not at what the migrations meant it to be.

-- What the migrations installed, as it was when the last of them ended.
create table if not exists onetill.installed (
  kind text not null,
  object text not null,
  hash text not null,
  primary key (kind, object)
);
alter table onetill.installed enable row level security;
revoke all on onetill.installed from public, anon, authenticated;

-- The tables whose rows are the register's: those that have our policy. Not `vendors` and `locations`, which are the shop's own.
create or replace function onetill.tables() returns setof text
language sql stable set search_path = '' as $$
  select p.tablename::text from pg_catalog.pg_policies p where p.schemaname = 'public' and p.policyname = p.tablename || '_read'
    and p.tablename not in ('vendors', 'locations') and p.qual like '%onetill.my_vendor()%'
$$;

-- The same as it is now: our functions, checks, triggers, and the policies on the register's tables. Constants in them are printed
-- the same way whoever asks.
create or replace function onetill.definitions() returns table (kind text, object text, hash text)
language sql stable set search_path = '' set timezone = 'UTC' set datestyle = 'ISO, MDY' set intervalstyle = 'postgres'
set quote_all_identifiers = off as $$
  select 'function', p.oid::regprocedure::text, md5(pg_catalog.pg_get_functiondef(p.oid)) from pg_catalog.pg_proc p
    where p.prokind = 'f' and (p.pronamespace = 'onetill'::regnamespace
      or p.pronamespace = 'public'::regnamespace and p.proname in (select f.function_name from onetill.published f))
  union all
  select 'check', k.conrelid::regclass || ' ' || k.conname, md5(pg_catalog.pg_get_constraintdef(k.oid)) from pg_catalog.pg_constraint k
    where k.contype = 'c' and pg_catalog.obj_description(k.oid, 'pg_constraint') like 'onetill %'
  union all
  select 'trigger', t.tgrelid::regclass || ' ' || t.tgname, md5(pg_catalog.pg_get_triggerdef(t.oid) || t.tgenabled::text) from pg_catalog.pg_trigger t
    join pg_catalog.pg_proc p on p.oid = t.tgfoid and p.pronamespace = 'onetill'::regnamespace where not t.tgisinternal
  union all
  -- One that only narrows is the owner's own affair, and so are the shop's own two tables.
  select 'policy', p.tablename || ' ' || p.policyname, md5(concat_ws(' ', p.cmd, p.roles::text, p.qual, p.with_check)) from pg_catalog.pg_policies p
    where p.schemaname = 'public' and p.permissive = 'PERMISSIVE' and p.tablename in (select t.name from onetill.tables() t(name))
$$;
revoke all on function onetill.tables(), onetill.definitions() from public, anon, authenticated;

-- Works a whole shift on a scratch register and takes it back: open, movements, count, close, then an end and a cancel. Nobody
-- ever sees the register. `problem` names the first step that failed and why; without a place or on a replica nothing is tried.
create or replace function onetill.try_shift(p_vendor_id uuid default null, out tried boolean, out problem text)
language plpgsql volatile set search_path = '' as $$
declare
  l public.locations; v_staff uuid; v_register uuid := gen_random_uuid(); v_session uuid; v_count uuid := gen_random_uuid(); v_movement uuid := gen_random_uuid();
  v_status text; v_answer jsonb;
  v_step text := 'adding a register'; v_message text; v_state text;
begin
  tried := false;
  if pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' then
    problem := 'this is a replica, or a read-only call';
    return;
  end if;
  select x.* into l from public.locations x join public.vendors v on v.id = x.vendor_id
    where x.vendor_id = coalesce(p_vendor_id, x.vendor_id)
    order by exists (select from public.pos_staff st where st.vendor_id = x.vendor_id and st.is_active and coalesce(st.location_id = x.id, true)) desc, x.id limit 1;
  if l.id is null then
    problem := 'there is no location yet';
    return;
  end if;
  select st.user_id into v_staff from public.pos_staff st where st.vendor_id = l.vendor_id and st.is_active and coalesce(st.location_id = l.id, true)
    order by st.role = 'cashier' desc, st.user_id limit 1;
  tried := true;
  begin
    insert into public.pos_registers (id, vendor_id, location_id, register_number, register_name, status)
      values (v_register, l.vendor_id, l.id, 'TRY-' || left(v_register::text, 8), 'Tried and taken back', 'active');
    perform set_config('request.jwt.claims', case when v_staff is null then '{"role": "service_role"}'
      else jsonb_build_object('sub', v_staff, 'role', 'authenticated')::text end, true);
    -- Where the endpoint is an older one, auth.uid() reads this setting first.
    perform set_config('request.jwt.claim.sub', coalesce(v_staff::text, ''), true);
    perform set_config('request.headers', jsonb_build_object('idempotency-key', gen_random_uuid(), 'x-device-id', gen_random_uuid())::text, true);
    v_step := 'opening a shift';
    select o.id, o.status into v_session, v_status from public.get_or_create_session(v_register, l.id, l.vendor_id, v_staff, 200) o;
    if v_status is distinct from 'open' then
      raise exception 'it came back as %', coalesce(v_status, 'nothing');
    end if;
    v_step := 'joining it';
    perform public.get_or_create_session(v_register, l.id, l.vendor_id, v_staff, 200);
    v_step := 'recording a no-sale';
    perform public.pos_record_movement(gen_random_uuid(), v_session, 'no_sale', 0, 'Tried', 'Tried');
    -- The store's server from here: the shop's limits for cashiers are not what is tried.
    perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
    perform set_config('request.jwt.claim.sub', '', true);
    v_step := 'recording a pay-in';
    perform public.pos_record_movement(gen_random_uuid(), v_session, 'pay_in', 10, null, null);
    v_step := 'recording a pay-out';
    perform public.pos_record_movement(v_movement, v_session, 'pay_out', 4, null, null);
    v_step := 'recording a float top-up';
    perform public.pos_record_movement(gen_random_uuid(), v_session, 'float_top_up', 20, null, null);
    v_step := 'recording a safe drop';
    perform public.pos_record_movement(gen_random_uuid(), v_session, 'safe_drop', 24, null, null);
    v_step := 'taking an entry back';
    perform public.pos_record_movement(gen_random_uuid(), v_session, 'reversal', null, null, null, v_movement);
    v_step := 'selling';
    perform onetill.try_selling(v_session);
    v_step := 'counting';
    perform public.pos_begin_count(gen_random_uuid(), v_session);
    v_answer := public.pos_commit_count(v_count, v_session, 'closing', 206);
    if (v_answer #>> '{count,cash_difference}')::numeric is distinct from 0 then
      raise exception 'expected cash is % where 206 was counted', v_answer #>> '{count,expected_cash}';
    end if;
    v_step := 'closing';
    perform public.pos_close_session(gen_random_uuid(), v_session, v_count, 'normal', null, 100);
    v_step := 'reading the Z report';
    perform public.pos_z_report(v_session);
    v_step := 'opening the next shift';
    perform set_config('request.headers', '{}', true);
    select o.id into v_session from public.get_or_create_session(v_register, l.id, l.vendor_id, v_staff, 100) o;
    v_step := 'ending it';
    perform public.pos_end_session(gen_random_uuid(), v_session);
    v_step := 'settling it uncounted';
    perform public.pos_close_session(gen_random_uuid(), v_session, null, 'normal', 'Tried');
    v_step := 'opening and cancelling one';
    select o.id into v_session from public.get_or_create_session(v_register, l.id, l.vendor_id, v_staff, 100) o;
    perform public.pos_cancel_session(gen_random_uuid(), v_session);
    v_step := 'taking the register out of use';
    update public.pos_registers x set status = 'retired' where x.id = v_register;
    v_step := 'what the database checks at the end of a transaction';
    set constraints all immediate;
    raise sqlstate 'OT002';
  exception
    when sqlstate 'OT002' then
      problem := null;
    when others then
      get stacked diagnostics v_message = message_text, v_state = returned_sqlstate;
      problem := v_step || ': ' || case when v_state = 'PGRST' then (v_message::jsonb ->> 'code') || ', ' || (v_message::jsonb ->> 'message')
        else v_message || ' (' || v_state || ')' end;
  end;
end $$;
revoke all on function onetill.try_shift(uuid) from public, anon, authenticated;

-- Works a whole shift and takes it back; where something of the database's own stands in the way it fails with the step and the
-- reason, and a migration in one transaction leaves nothing behind. Then notes what is installed, for health to compare with.
create or replace function onetill.prove() returns void
language plpgsql volatile set search_path = '' as $$
declare v_tried boolean; v_problem text;
begin
  select x.tried, x.problem into v_tried, v_problem from onetill.try_shift() x;
  if v_tried and v_problem is not null then
    raise exception using message = 'onetill: a shift cannot be worked on this database; it fails at ' || v_problem,
      hint = 'Something of the shop''s own (a check, a foreign key, a trigger) stands in the way: change it, and repeat.', errcode = 'OT003';
  end if;
  delete from onetill.installed;
  insert into onetill.installed select d.kind, d.object, d.hash from onetill.definitions() d;
end $$;
revoke all on function onetill.prove() from public, anon, authenticated;

drop function if exists onetill.health_checks(timestamptz);
create or replace function onetill.health_checks(p_client_time timestamptz, p_vendor_id uuid default null)
returns table (check_name text, ok boolean, detail text, remedy text)
language plpgsql volatile set search_path = '' as $$
declare
  v_deploy constant text := 'Apply the migrations of Onetill again.';
  v_tables constant text[] := array(select t.name from onetill.tables() t(name));
  v_functions constant text[] := array(select f.function_name from onetill.published f);
  v_bad text; v_count bigint; v_skew interval := clock_timestamp() - p_client_time; v_tried boolean; v_problem text;
begin
  select x.tried, x.problem into v_tried, v_problem from onetill.try_shift(p_vendor_id) x;
  return query select 'whole_shift', not v_tried or v_problem is null,
    case when not v_tried then 'Not tried: ' || v_problem || '.' when v_problem is null then 'A shift was opened, counted and closed on a scratch register, and taken back.'
      else 'It fails at ' || v_problem end,
    'Something of the database''s own stands in the way (a check, a foreign key, a trigger): apply the migrations again; if it stays, send this line to support.';

  select string_agg(d.what || ' ' || d.object, ', ' order by d.object) into v_bad from (
    select coalesce(i.object, n.object) as object,
        coalesce(i.kind, n.kind) || case when n.object is null then ' gone:' when i.object is null then ' added:' else ' changed:' end as what
      from onetill.installed i full join onetill.definitions() n using (kind, object)
      where i.hash is distinct from n.hash and exists (select from onetill.installed)) d;
  return query select 'as_installed', v_bad is null, coalesce('Since the migrations: ' || v_bad, 'Functions, checks, triggers and policies are as installed.'),
    'If nobody meant it, apply the migrations of Onetill again.';

  select string_agg(f.name || ' ' || f.n || ' times', ', ') into v_bad from (
    select x.name, count(p.oid) as n from unnest(v_functions) x(name)
      left join pg_catalog.pg_proc p on p.proname = x.name and p.pronamespace = 'public'::regnamespace
      group by x.name having count(p.oid) <> 1) f;
  return query select 'functions', v_bad is null, coalesce('Present: ' || v_bad, 'Every function exists exactly once.'), v_deploy;

  select string_agg(p.oid::regprocedure::text, ', ') into v_bad from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname = 'get_or_create_session'
      and not onetill.open_function_is_right(p.oid);
  return query select 'open_function_shape', v_bad is null and to_regproc('public.get_or_create_session') is not null,
    coalesce('Another shape: ' || v_bad, case when to_regproc('public.get_or_create_session') is null
      then 'Atomic session function not deployed' else 'Five arguments, sixteen columns.' end), v_deploy;

  select string_agg(p.proname, ', ') into v_bad from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname = any (v_functions)
      and not (p.prosecdef and coalesce(p.proconfig @> array['search_path=""'], false)
        and (p.provolatile <> 'v' or p.proconfig @> array['default_transaction_isolation=read committed'])
        -- The open function locks in another one, so that a join does not set a timeout that it never needs.
        and (p.provolatile <> 'v' or p.proconfig @> array['lock_timeout=2s'] or p.proname = 'get_or_create_session'
          and exists (select from pg_catalog.pg_proc a where a.proname = 'open_or_join' and a.pronamespace = 'onetill'::regnamespace
            and a.proconfig @> array['lock_timeout=2s'])));
  return query select 'function_settings', v_bad is null,
    coalesce('Not pinned: ' || v_bad, 'Search path, lock timeout and isolation are pinned.'), v_deploy;

  select string_agg(p.proname || ' for ' || r.name, ', ') into v_bad from pg_catalog.pg_proc p,
      (values ('anon', false), ('authenticated', true), ('service_role', true)) r(name, may)
    where p.pronamespace = 'public'::regnamespace and p.proname = any (v_functions)
      and has_function_privilege(r.name, p.oid, 'execute') <> r.may;
  return query select 'function_grants', v_bad is null,
    coalesce('Wrong: ' || v_bad, 'Signed-in staff and the store''s server may call, nobody else.'), v_deploy;

  return query select 'one_open_index',
    coalesce(onetill.open_index_is_right(to_regclass('public.idx_one_open_session_per_register')), false),
    coalesce((select pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end
      from pg_catalog.pg_index i where i.indexrelid = to_regclass('public.idx_one_open_session_per_register')), 'The index is missing.'),
    v_deploy;

  select count(*) into v_count from (select from public.pos_sessions s where s.status = 'open'
    group by s.register_id having count(*) > 1) d;
  return query select 'no_duplicates', v_count = 0, v_count || ' registers have more than one open session.', v_deploy;

  select string_agg(a.attrelid::regclass || '.' || a.attname, ', ') into v_bad from pg_catalog.pg_attribute a
    where not a.attnotnull and not a.attisdropped
      and ((a.attrelid = 'public.pos_sessions'::regclass and a.attname in ('register_id', 'location_id', 'vendor_id', 'status', 'session_number'))
        or (a.attrelid = 'public.pos_registers'::regclass and a.attname in ('location_id', 'vendor_id', 'status', 'number_prefix')));
  return query select 'no_gaps', v_bad is null,
    coalesce('May be null: ' || v_bad, 'Every session has its register, location, vendor and number.'), v_deploy;

  select string_agg(x.name, ', ') into v_bad from unnest(array['pos_registers_location', 'pos_staff_location',
      'pos_movement_rules_location', 'pos_sessions_register', 'pos_cash_movements_session', 'pos_session_participants_session', 'pos_counts_session',
      'pos_z_reports_session', 'pos_cash_movements_reverses']) x(name)
    where not exists (select from pg_catalog.pg_constraint k where k.conname = x.name and k.contype = 'f' and k.convalidated);
  return query select 'one_vendor', v_bad is null,
    coalesce('Missing: ' || v_bad, 'Sessions, registers and locations cannot be of different vendors.'), v_deploy;

  select string_agg(x.name, ', ') into v_bad from (values ('guard_register'), ('guard_session'), ('guard_movement'), ('complete_session'), ('name_person'), ('settle_elsewhere'), ('keep_movement'),
      ('keep_z_report'), ('keep_count'), ('number_register')) x(name)
    where not exists (select from pg_catalog.pg_trigger t where t.tgname = x.name and t.tgenabled in ('O', 'A'));
  return query select 'guards', v_bad is null, coalesce('Missing: ' || v_bad, 'Settled shifts and the ledger hold still.'), v_deploy;

  select string_agg(c.relname, ', ') into v_bad from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname = any (v_tables || array['vendors', 'locations']) and not c.relrowsecurity;
  return query select 'row_level_security', v_bad is null, coalesce('Off on: ' || v_bad, 'On for every table.'), v_deploy;

  -- A store's own rules on its own two tables are its own affair.
  select string_agg(distinct r.name || ' ' || v.verb || ' ' || t.name, ', ') into v_bad
    from unnest(v_tables) t(name), unnest(array['anon', 'authenticated']) r(name),
      unnest(array['select', 'insert', 'update', 'delete', 'truncate']) v(verb)
    where has_table_privilege(r.name, 'public.' || t.name, v.verb) and not (r.name = 'authenticated' and v.verb = 'select');
  return query select 'table_grants', v_bad is null, coalesce('Too much: ' || v_bad, 'Clients write through functions only.'), v_deploy;

  select string_agg(distinct coalesce(m.movement_type, 'none'), ', ') into v_bad from public.pos_cash_movements m
    where m.reverses is null and not exists (
      select from onetill.movement_types t where t.movement_type = m.movement_type);
  return query select 'movement_types', v_bad is null,
    coalesce('Not counted in expected cash: ' || v_bad, 'Every movement counts in expected cash.'),
    'Add the type and its sign to onetill.movement_types.';

  select count(*) into v_count from public.pos_staff st where st.is_active and st.role in ('manager', 'owner');
  return query select 'managers', v_count > 0, v_count || ' active managers and owners.', 'Name the owner: `onetillctl deploy --owner E-MAIL`, or in the SQL editor `select onetill.appoint_owner(''e-mail'')`.';

  return query select 'clock', p_client_time is null or v_skew between interval '-2 minutes' and interval '2 minutes',
    case when p_client_time is null then 'The caller sent no time.'
      else 'This computer is ' || round(abs(extract(epoch from v_skew)), 1) || ' s '
        || case when v_skew < interval '0' then 'ahead.' else 'behind.' end end,
    'Switch on automatic time on this computer.';

  return query select x.check_name, x.ok, x.detail, x.remedy from onetill.selling_checks(p_vendor_id) x;

  return query select 'server_version', current_setting('server_version_num')::integer >= 150000,
    'PostgreSQL ' || current_setting('server_version'), 'Upgrade the project to PostgreSQL 15 or newer.';
end $$;

create or replace function public.pos_health(p_client_time timestamptz default null) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare v_checks jsonb; v_healthy boolean; c onetill.caller;
begin
  c := onetill.caller();
  select jsonb_agg(jsonb_build_object('check', h.check_name, 'ok', h.ok, 'detail', h.detail,
      'remedy', case when not h.ok then h.remedy end)), bool_and(h.ok)
    into v_checks, v_healthy from onetill.health_checks(p_client_time, c.vendor_id) h;
  return jsonb_build_object(
    'healthy', v_healthy, 'schema_version', onetill.schema_version(), 'checks', v_checks,
    'reconciled', coalesce((
      select jsonb_agg(jsonb_build_object('rule', x.rule, 'rows', x.n) order by x.rule)
        from (select k.rule, count(*) as n from onetill.reconciliations k group by k.rule) x), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- What was put right when the migrations met this database, newest first, for the owner: every change of a row with the row as
-- it was is in onetill.reconciliations.
create or replace function public.pos_reconciliations(p_before bigint default null, p_limit integer default 200) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller;
begin
  c := onetill.caller();
  perform onetill.require_owner(c);
  return jsonb_build_object(
    'reconciliations', coalesce((
      select jsonb_agg(jsonb_build_object('id', k.id, 'at', onetill.instant(k.at), 'rule', k.rule, 'table', k.table_name, 'row_id', k.row_id, 'note', k.note) order by k.id desc)
        from (select x.* from onetill.reconciliations x where (p_before is null or x.id < p_before)
            -- Another vendor's rows are not this owner's to read.
            and (x.row_id is null or not exists (select from public.pos_sessions s where s.id = x.row_id and s.vendor_id <> c.vendor_id)
              and not exists (select from public.pos_staff st where st.user_id = x.row_id and st.vendor_id <> c.vendor_id)
              and not exists (select from public.pos_registers r where r.id = x.row_id and r.vendor_id <> c.vendor_id)
              and not exists (select from public.locations l where l.id = x.row_id and l.vendor_id <> c.vendor_id)
              and not exists (select from public.pos_cash_movements m where m.id = x.row_id and m.vendor_id <> c.vendor_id))
            order by x.id desc limit least(greatest(coalesce(p_limit, 200), 1), 1000)) k), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

revoke all on function onetill.health_checks(timestamptz, uuid) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_health(timestamptz)',
  'public.pos_reconciliations(bigint, integer)']::regprocedure[]) f;
