-- What is there, read and not changed: one JSON object.
with expected(name) as (values ('vendors'), ('locations'), ('users'), ('pos_registers'), ('pos_sessions'), ('pos_cash_movements'))
select jsonb_build_object(
  'server', split_part(current_setting('server_version'), ' ', 1),
  'server_number', current_setting('server_version_num')::int,
  'read_only', pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
  'may_create', has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create'),
  'auth_users', exists (select from pg_attribute a where a.attrelid = to_regclass('auth.users') and a.attname = 'id'
    and a.atttypid = 'uuid'::regtype and not a.attisdropped),
  'auth_uid', to_regprocedure('auth.uid()') is not null,
  'has_schema', to_regnamespace('onetill') is not null,
  'schema_is_ours', to_regprocedure('onetill.schema_version()') is not null
    or to_regclass('onetill.reconciliations') is not null
    or not exists (select from pg_class c where c.relnamespace = to_regnamespace('onetill')),
  'has_function', exists (select from pg_proc p where p.pronamespace = to_regnamespace('public') and p.proname = 'get_or_create_session'),
  'odd_functions', coalesce((select jsonb_agg(p.oid::regprocedure::text) from pg_proc p
    where p.pronamespace = to_regnamespace('public') and p.proname = 'get_or_create_session' and p.prokind <> 'f'), '[]'),
  'earlier_functions', coalesce((select jsonb_agg(p.oid::regprocedure::text order by p.oid) from pg_proc p
    where p.pronamespace = to_regnamespace('public') and p.proname = 'get_or_create_session' and p.prokind = 'f'
      and not (p.prosecdef and coalesce(array_to_string(p.proconfig, ',') like '%search_path=""%', false))), '[]'),
  'tables', coalesce((select jsonb_object_agg(e.name, jsonb_build_object(
      'ordinary', c.relkind = 'r',
      'ours_to_change', pg_has_role(current_user, c.relowner, 'usage'),
      'keyed_by_id', exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'id'),
      'columns', (select jsonb_object_agg(a.attname, format_type(a.atttypid, null)) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)))
    from expected e join pg_class c on c.relname = e.name and c.relnamespace = to_regnamespace('public')
      and c.relkind in ('r', 'p', 'v', 'm', 'f')), '{}'),
  'index', (select jsonb_build_object('valid', i.indisvalid and i.indisready, 'unique', i.indisunique)
    from pg_index i where i.indexrelid = to_regclass('public.idx_one_open_session_per_register')),
  'policies', coalesce((select jsonb_agg(p.tablename || ': ' || p.policyname order by 1) from pg_policies p
    where p.schemaname = 'public' and p.tablename in ('pos_registers', 'pos_sessions', 'pos_cash_movements')
      and p.policyname <> p.tablename || '_read'), '[]'),
  'has_history', to_regclass('supabase_migrations.schema_migrations') is not null)
