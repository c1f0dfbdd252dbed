-- Lets an installer prove on the live server that two open sessions on one register are impossible there.
-- Every check looks at what the database is, not at what the migrations meant it to be.

create or replace function onetill.health_checks(p_client_time timestamptz)
returns table (check_name text, ok boolean, detail text, remedy text)
language plpgsql stable set search_path = '' as $$
declare
  v_deploy constant text := 'Apply the migrations of Onetill again.';
  v_tables constant text[] := array['vendors', 'locations', 'pos_registers', 'pos_sessions', 'pos_cash_movements',
    'pos_staff', 'pos_session_participants', 'pos_counts', 'pos_z_reports', 'pos_movement_rules'];
  v_functions constant text[] := array['get_or_create_session', 'pos_whoami', 'pos_registers', 'pos_session',
    'pos_session_by_key', 'pos_record_movement', 'pos_movements', 'pos_begin_count', 'pos_abandon_count',
    'pos_commit_count', 'pos_approve_count', 'pos_close_session', 'pos_end_session', 'pos_cancel_session',
    'pos_x_report', 'pos_z_report', 'pos_board', 'pos_day', 'pos_staff_list', 'pos_save_staff', 'pos_save_register',
    'pos_save_movement_rule', 'pos_save_difference_reasons', 'pos_health'];
  v_bad text; v_count bigint; v_skew interval := clock_timestamp() - p_client_time;
begin
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

  select string_agg(x.name, ', ') into v_bad from (values ('guard_register'), ('guard_session'), ('guard_movement'), ('keep_movement'),
      ('keep_z_report'), ('keep_count'), ('number_register')) x(name)
    where not exists (select from pg_catalog.pg_trigger t where t.tgname = x.name and t.tgenabled in ('O', 'A'));
  return query select 'guards', v_bad is null, coalesce('Missing: ' || v_bad, 'Settled shifts and the ledger hold still.'), v_deploy;

  select string_agg(c.relname, ', ') into v_bad from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname = any (v_tables) and not c.relrowsecurity;
  return query select 'row_level_security', v_bad is null, coalesce('Off on: ' || v_bad, 'On for every table.'), v_deploy;

  -- A store's own rules on its own two tables are its own affair.
  select string_agg(distinct r.name || ' ' || v.verb || ' ' || t.name, ', ') into v_bad
    from unnest(v_tables[3:]) t(name), unnest(array['anon', 'authenticated']) r(name),
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
  return query select 'managers', v_count > 0, v_count || ' active managers and owners.', 'Give somebody the role manager in pos_staff.';

  return query select 'clock', p_client_time is null or v_skew between interval '-2 minutes' and interval '2 minutes',
    case when p_client_time is null then 'The caller sent no time.'
      else 'This computer is ' || round(abs(extract(epoch from v_skew)), 1) || ' s '
        || case when v_skew < interval '0' then 'ahead.' else 'behind.' end end,
    'Switch on automatic time on this computer.';

  return query select 'server_version', current_setting('server_version_num')::integer >= 150000,
    'PostgreSQL ' || current_setting('server_version'), 'Upgrade the project to PostgreSQL 15 or newer.';
end $$;

create or replace function public.pos_health(p_client_time timestamptz default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare v_checks jsonb; v_healthy boolean;
begin
  perform onetill.caller();
  select jsonb_agg(jsonb_build_object('check', h.check_name, 'ok', h.ok, 'detail', h.detail,
      'remedy', case when not h.ok then h.remedy end)), bool_and(h.ok)
    into v_checks, v_healthy from onetill.health_checks(p_client_time) h;
  return jsonb_build_object(
    'healthy', v_healthy, 'schema_version', onetill.schema_version(), 'checks', v_checks,
    'reconciled', coalesce((
      select jsonb_agg(jsonb_build_object('rule', x.rule, 'rows', x.n) order by x.rule)
        from (select k.rule, count(*) as n from onetill.reconciliations k group by k.rule) x), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

revoke all on function onetill.health_checks(timestamptz) from public, anon, authenticated;
revoke all on function public.pos_health(timestamptz) from public, anon;
grant execute on function public.pos_health(timestamptz) to authenticated, service_role;
