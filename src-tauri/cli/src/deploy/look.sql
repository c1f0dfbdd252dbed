-- What must be known before the first migration can run, read and not changed: one JSON object. Everything else is
-- the preflight's to say, which that migration brings. Names are looked up in the catalogs, because a login that may
-- not use the schema `onetill` is to be told so, and not to fail here.
with ours as (select n.oid, n.nspowner from pg_namespace n where n.nspname = 'onetill'),
  tables as (select c.relname as name from pg_class c join ours o on o.oid = c.relnamespace),
  functions as (select p.proname as name from pg_proc p join ours o on o.oid = p.pronamespace)
select jsonb_build_object(
  'server', split_part(current_setting('server_version'), ' ', 1),
  'server_number', current_setting('server_version_num')::integer,
  'login', current_user,
  'read_only', pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
  'may_create', has_schema_privilege('public', 'create')
    and (exists (select from ours) or has_database_privilege(current_database(), 'create')),
  'missing_roles', coalesce((select jsonb_agg(x.name) from unnest(array['anon', 'authenticated', 'service_role']) x(name)
    where to_regrole(x.name) is null), '[]'),
  'schema_is_ours', exists (select from functions f where f.name in ('schema_version', 'preflight'))
    or exists (select from tables t where t.name = 'reconciliations')
    or not (exists (select from tables) or exists (select from functions)
      or exists (select from pg_type t join ours o on o.oid = t.typnamespace)),
  'schema_owner', (select o.nspowner::regrole::text from ours o where not pg_has_role(current_user, o.nspowner, 'usage')),
  'has_version', exists (select from functions f where f.name = 'schema_version'),
  'has_history', exists (select from tables t where t.name = 'migrations'))
