-- Looks at what is there before anything is changed, and stops with every reason at once where the register cannot work.
-- Creates the schema `onetill` and what looking needs, nothing else; each file after this one leaves a working shop.
--
-- `onetill.preflight()` is one list: what a deployment shows as its plan, what `reshape` and `access` then carry out, and
-- what stands on record afterwards are its rows.

do $$ begin
  if current_setting('server_version_num')::integer < 150000 then
    raise exception 'onetill: PostgreSQL % is older than 15: upgrade the project first. Nothing was changed.', current_setting('server_version')
      using errcode = 'OT003';
  end if;
  if to_regnamespace('onetill') is not null and to_regprocedure('onetill.schema_version()') is null
    and to_regprocedure('onetill.preflight()') is null and not exists (select from pg_catalog.pg_attribute a
      where a.attrelid = to_regclass('onetill.reconciliations') and a.attname = 'rule')
    and (exists (select from pg_catalog.pg_class c where c.relnamespace = to_regnamespace('onetill'))
      or exists (select from pg_catalog.pg_proc p where p.pronamespace = to_regnamespace('onetill'))
      or exists (select from pg_catalog.pg_type t where t.typnamespace = to_regnamespace('onetill'))) then
    raise exception 'onetill: there is a schema `onetill` that this program did not make: rename it first. Nothing was changed.'
      using errcode = 'OT003';
  end if;
  if to_regnamespace('onetill') is null and not has_database_privilege(current_database(), 'create')
    or not coalesce(pg_has_role(current_user, (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'onetill'), 'usage'), true) then
    raise exception 'onetill: the login % may not create the schema `onetill`: use the project''s `postgres`. Nothing was changed.', current_user
      using errcode = 'OT003';
  end if;
end $$;

-- "Already there" is the normal case and would bury what is reported.
set client_min_messages = warning;

-- Every Supabase project has these roles; a PostgreSQL beside one may get them later than its migrations.
do $$ begin
  if to_regrole('anon') is null then create role anon nologin noinherit; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
end $$;

create schema if not exists onetill;
comment on schema onetill is 'Private to the register functions: not exposed over HTTP.';
revoke all on schema onetill from public;

-- Which of these files were applied, in a history of our own: the shop's `supabase_migrations` is the shop's.
-- `hash` is the SHA-256 of the file's text; a file with another text is applied again.
create table if not exists onetill.migrations (
  version text primary key,
  name text not null,
  hash text not null,
  applied_at timestamptz not null default clock_timestamp()
);
alter table onetill.migrations enable row level security;
revoke all on onetill.migrations from public, anon, authenticated;

-- The columns that the register's functions read and write, and what kind of value each holds. `written` columns are
-- given a value by every insert of ours; the others must be allowed to be empty or have a default.
create or replace function onetill.contract_columns()
returns table (table_name text, column_name text, kind text, width integer, written boolean)
language sql immutable set search_path = '' as $$
  values
    ('vendors', 'id', 'id', null::integer, true), ('vendors', 'store_name', 'word', 80, true),
    ('locations', 'id', 'id', null, true), ('locations', 'vendor_id', 'id', null, true), ('locations', 'name', 'word', 80, true),
    ('locations', 'timezone', 'word', 64, false), ('locations', 'currency', 'word', 3, false),
    ('locations', 'business_day_cutoff', 'clock', null, false), ('locations', 'variance_tolerance', 'money', null, false),
    ('locations', 'variance_limit', 'money', null, false),
    ('pos_registers', 'id', 'id', null, true), ('pos_registers', 'vendor_id', 'id', null, true),
    ('pos_registers', 'location_id', 'id', null, true), ('pos_registers', 'register_number', 'word', 24, true),
    ('pos_registers', 'register_name', 'word', 80, true), ('pos_registers', 'status', 'word', 8, true),
    ('pos_registers', 'number_prefix', 'word', 24, true), ('pos_registers', 'last_session_number', 'count', null, false),
    ('pos_sessions', 'id', 'id', null, false), ('pos_sessions', 'session_number', 'word', 43, true),
    ('pos_sessions', 'register_id', 'id', null, true), ('pos_sessions', 'location_id', 'id', null, true),
    ('pos_sessions', 'vendor_id', 'id', null, true), ('pos_sessions', 'user_id', 'id', null, false),
    ('pos_sessions', 'status', 'word', 9, true), ('pos_sessions', 'opening_cash', 'money', null, true),
    ('pos_sessions', 'total_sales', 'money', null, false), ('pos_sessions', 'total_transactions', 'count', null, false),
    ('pos_sessions', 'total_cash', 'money', null, false), ('pos_sessions', 'total_card', 'money', null, false),
    ('pos_sessions', 'walk_in_sales', 'count', null, false), ('pos_sessions', 'pickup_orders_fulfilled', 'count', null, false),
    ('pos_sessions', 'opened_at', 'time', null, true), ('pos_sessions', 'last_transaction_at', 'time', null, true),
    ('pos_sessions', 'closing_cash', 'money', null, false), ('pos_sessions', 'expected_cash', 'money', null, false),
    ('pos_sessions', 'cash_difference', 'money', null, false), ('pos_sessions', 'closed_at', 'time', null, false),
    ('pos_sessions', 'closing_notes', 'word', 1000, false), ('pos_sessions', 'updated_at', 'time', null, false),
    ('pos_sessions', 'business_date', 'date', null, true), ('pos_sessions', 'revision', 'count', null, false),
    ('pos_sessions', 'idempotency_key', 'id', null, false), ('pos_sessions', 'device', 'id', null, false),
    ('pos_sessions', 'opened_by', 'id', null, false), ('pos_sessions', 'counting_by', 'id', null, false),
    ('pos_sessions', 'counting_since', 'time', null, false), ('pos_sessions', 'counting_key', 'id', null, false),
    ('pos_sessions', 'ended_at', 'time', null, false), ('pos_sessions', 'ended_by', 'id', null, false),
    ('pos_sessions', 'end_reason', 'word', 1000, false), ('pos_sessions', 'end_key', 'id', null, false),
    ('pos_sessions', 'close_kind', 'word', 9, false), ('pos_sessions', 'was_counted', 'flag', null, false),
    ('pos_sessions', 'closed_by', 'id', null, false), ('pos_sessions', 'close_key', 'id', null, false),
    ('pos_sessions', 'approved_by', 'id', null, false), ('pos_sessions', 'left_in_drawer', 'money', null, false),
    ('pos_sessions', 'total_refunds', 'money', null, false), ('pos_sessions', 'ledger_sales', 'money', null, false),
    ('pos_sessions', 'ledger_cash', 'money', null, false), ('pos_sessions', 'ledger_card', 'money', null, false),
    ('pos_sessions', 'ledger_transactions', 'count', null, false), ('locations', 'country', 'word', 2, false),
    ('locations', 'fiscal', 'word', 16, false),
    ('pos_cash_movements', 'id', 'id', null, true), ('pos_cash_movements', 'session_id', 'id', null, true),
    ('pos_cash_movements', 'vendor_id', 'id', null, true), ('pos_cash_movements', 'register_id', 'id', null, true),
    ('pos_cash_movements', 'location_id', 'id', null, true), ('pos_cash_movements', 'user_id', 'id', null, false),
    ('pos_cash_movements', 'movement_type', 'word', 12, true), ('pos_cash_movements', 'amount', 'money', null, true),
    ('pos_cash_movements', 'reason', 'word', 200, false), ('pos_cash_movements', 'notes', 'word', 1000, false),
    ('pos_cash_movements', 'created_at', 'time', null, true), ('pos_cash_movements', 'reverses', 'id', null, false),
    ('pos_cash_movements', 'reference', 'word', 200, false), ('pos_cash_movements', 'device', 'id', null, false),
    ('pos_cash_movements', 'device_time', 'time', null, false), ('pos_cash_movements', 'sent_by', 'id', null, false),
    ('pos_cash_movements', 'recorded_by', 'id', null, false)
$$;

-- Rows as the register's functions write them, one of each shape: a CHECK that refuses one of them contradicts the contract.
create or replace function onetill.contract_rows(p_table text) returns jsonb
language sql immutable set search_path = '' as $$
  select case p_table
    when 'pos_registers' then '[
      {"register_number": "R1", "register_name": "Front", "number_prefix": "R1", "status": "active", "last_session_number": 0},
      {"register_number": "R1", "register_name": "Front", "number_prefix": "R1", "status": "retired", "last_session_number": 7}]'::jsonb
    when 'pos_cash_movements' then (
      select jsonb_agg(jsonb_build_object('movement_type', t.word, 'amount', t.amount, 'reason', t.reason, 'created_at', '2026-01-01T12:00:00Z',
          'reverses', case when t.word = 'reversal' then '00000000-0000-4000-8000-000000000001' end))
        from (values ('pay_in', '0.01', null), ('pay_in', '9999999.99', 'Change'), ('float_top_up', '20.00', null),
          ('pay_out', '15.00', 'Stamps'), ('safe_drop', '100.00', null), ('no_sale', '0.00', null), ('reversal', '15.00', null)) t(word, amount, reason))
    when 'pos_sessions' then (
      select jsonb_agg('{"session_number": "R1-000001", "opened_at": "2026-01-01T08:00:00Z", "last_transaction_at": "2026-01-01T08:00:00Z",
          "business_date": "2026-01-01", "opening_cash": "200.00", "total_sales": "0.00", "total_transactions": 0, "total_cash": "0.00",
          "total_card": "0.00", "walk_in_sales": 0, "pickup_orders_fulfilled": 0}'::jsonb || s.more::jsonb)
        from (values
          ('{"status": "open"}'), ('{"status": "open", "opening_cash": "0.00"}'), ('{"status": "open", "opening_cash": "9999999.99"}'),
          ('{"status": "open", "counting_since": "2026-01-01T17:00:00Z"}'),
          -- Goods of another day came back.
          ('{"status": "open", "total_sales": "-53.50", "total_cash": "-21.50", "total_card": "-32.00", "total_refunds": "53.50"}'),
          ('{"status": "ended", "ended_at": "2026-01-01T18:00:00Z", "close_kind": "force", "end_reason": "Forgotten"}'),
          ('{"status": "cancelled", "ended_at": "2026-01-01T08:01:00Z", "close_kind": "normal", "was_counted": false}'),
          ('{"status": "closed", "closed_at": "2026-01-01T18:00:00Z", "ended_at": "2026-01-01T18:00:00Z", "close_kind": "normal", "was_counted": true,
            "closing_cash": "195.00", "expected_cash": "200.00", "cash_difference": "-5.00", "left_in_drawer": "100.00"}'),
          ('{"status": "closed", "closed_at": "2026-01-01T18:00:00Z", "ended_at": "2026-01-01T18:00:00Z", "close_kind": "automatic", "was_counted": true,
            "closing_cash": "0.00", "expected_cash": "-15.00", "cash_difference": "15.00"}'),
          ('{"status": "closed", "closed_at": "2026-01-02T18:00:00Z", "ended_at": "2026-01-01T18:00:00Z", "close_kind": "force", "was_counted": false,
            "expected_cash": "200.00", "closing_notes": "Nobody counted"}')) s(more))
  end
$$;

-- What the columns of a table hold where an insert says nothing: defaults that can be asked without side effects.
create or replace function onetill.column_defaults(p_table regclass) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare d record; v_value jsonb; v_all jsonb := '{}'::jsonb;
begin
  for d in select a.attname as name, pg_catalog.pg_get_expr(x.adbin, x.adrelid) as expression
      from pg_catalog.pg_attribute a join pg_catalog.pg_attrdef x on x.adrelid = a.attrelid and x.adnum = a.attnum
      where a.attrelid = p_table and not a.attisdropped and a.attgenerated = '' loop
    continue when d.expression ~* 'nextval';
    begin
      execute 'select to_jsonb(' || d.expression || ')' into v_value;
      v_all := v_all || jsonb_build_object(d.name, v_value);
    exception when others then null; -- a default that fails is none
    end;
  end loop;
  return v_all;
end $$;

-- The ids that every such row has, besides.
create or replace function onetill.contract_ids(p_table text) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_object_agg(k.column_name, '00000000-0000-4000-8000-00000000000a') from onetill.contract_columns() k
    where k.table_name = p_table and k.kind = 'id' and (k.written or k.column_name = 'id')
$$;

-- Does this CHECK refuse a row that the register writes?
create or replace function onetill.check_contradicts(p_constraint oid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare v_table regclass; v_name name; v_expression text; v_fits boolean;
begin
  select k.conrelid, c.relname, pg_catalog.pg_get_expr(k.conbin, k.conrelid) into v_table, v_name, v_expression
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid where k.oid = p_constraint;
  execute format('select bool_and((%s) is not false) from jsonb_array_elements($1) row_of
      cross join lateral jsonb_populate_record(null::%s, $2 || row_of) as %I', v_expression, v_table, v_name)
    into v_fits using onetill.contract_rows(v_name), onetill.column_defaults(v_table) || onetill.contract_ids(v_name);
  return not coalesce(v_fits, true);
exception when others then
  -- A word that the column's type does not know, or a rule that cannot be asked about such a row.
  return true;
end $$;

-- Does this unique index, or this exclusion, refuse a second row like one that the register writes? One that tells rows apart by
-- a key, a number, a time or something of the shop's own does not, nor does one open shift to a register.
create or replace function onetill.index_contradicts(p_index oid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare v_table regclass; v_name name; v_keys name[]; v_predicate text; v_some boolean; v_others boolean; v_apart boolean;
begin
  select i.indrelid, c.relname, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
      array(select a.attname from pg_catalog.pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey[0:i.indnkeyatts - 1]))
    into v_table, v_name, v_predicate, v_keys
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid where i.indexrelid = p_index;
  -- The register says nothing of a column of the shop's own; without a default it is null, and no null equals another.
  select exists (select from unnest(v_keys) k(name) where k.name in ('id', 'session_number', 'idempotency_key', 'opened_at', 'created_at', 'reverses')
      or not exists (select from onetill.contract_columns() x where x.table_name = v_name and x.column_name = k.name)
        and not exists (select from pg_catalog.pg_attribute a where a.attrelid = v_table and a.attname = k.name and a.atthasdef)) into v_apart;
  if v_apart then return false; end if;
  if v_predicate is null then return true; end if;
  execute format('select bool_or(%s), bool_or(row_of ->> ''status'' is distinct from ''open'' and (%s)) from jsonb_array_elements($1) row_of
      cross join lateral jsonb_populate_record(null::%s, $2 || row_of) as %I', v_predicate, v_predicate, v_table, v_name)
    into v_some, v_others using onetill.contract_rows(v_name), onetill.column_defaults(v_table) || onetill.contract_ids(v_name);
  return coalesce(v_some, false) and (coalesce(v_others, false) or not 'register_id' = any (v_keys));
exception when others then
  -- A word that the column's type does not know yet: an enum of open shifts, most likely.
  return not 'register_id' = any (v_keys);
end $$;

-- What stands in the way of giving a column another type: whatever refers to it and would have to be made anew.
create or replace function onetill.column_holders(p_table regclass, p_column name) returns text
language sql stable set search_path = '' as $$
  select string_agg(distinct x.what, ', ') from (
    select case d.classid
        when 'pg_catalog.pg_rewrite'::regclass then (select 'view ' || r.ev_class::regclass::text from pg_catalog.pg_rewrite r where r.oid = d.objid)
        when 'pg_catalog.pg_policy'::regclass then (select 'policy ' || p.polname from pg_catalog.pg_policy p where p.oid = d.objid)
        when 'pg_catalog.pg_trigger'::regclass then (select 'trigger ' || t.tgname from pg_catalog.pg_trigger t where t.oid = d.objid and not t.tgisinternal)
        when 'pg_catalog.pg_proc'::regclass then 'function ' || d.objid::regprocedure::text
        when 'pg_catalog.pg_attrdef'::regclass then (select 'generated column ' || a2.attname from pg_catalog.pg_attrdef g
          join pg_catalog.pg_attribute a2 on a2.attrelid = g.adrelid and a2.attnum = g.adnum
          where g.oid = d.objid and not (g.adrelid = p_table and g.adnum = d.refobjsubid))
        when 'pg_catalog.pg_publication_rel'::regclass then 'a publication'
        when 'pg_catalog.pg_statistic_ext'::regclass then null
      end as what
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attribute a on a.attrelid = p_table and a.attname = p_column and a.attnum = d.refobjsubid
      where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = p_table) x
    where x.what is not null
$$;

-- How many rows of a table are so, without failing where the table or a column is not there.
create or replace function onetill.rows_that(p_table text, p_condition text) returns bigint
language plpgsql stable set search_path = '' as $$
declare v_count bigint := 0;
begin
  if to_regclass('public.' || p_table) is null then return 0; end if;
  execute format('select count(*) from public.%I x where %s', p_table, p_condition) into v_count;
  return v_count;
exception when undefined_column or undefined_table or insufficient_privilege then
  return 0;
end $$;

-- May somebody with the publishable key, signed in or not, write this table?
create or replace function onetill.api_may_write(p_table regclass) returns boolean
language sql stable set search_path = '' as $$
  select coalesce(bool_or(
      (has_table_privilege(r.name, p_table, 'insert') or has_any_column_privilege(r.name, p_table, 'insert')
        or has_table_privilege(r.name, p_table, 'update') or has_any_column_privilege(r.name, p_table, 'update'))
      and (not c.relrowsecurity or exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polpermissive
        and p.polcmd in ('*', 'a', 'w') and (p.polroles = '{0}' or r.name::regrole = any (p.polroles))))), false)
    from pg_catalog.pg_class c, (values ('anon'), ('authenticated')) r(name)
    where c.oid = p_table and to_regrole(r.name) is not null
$$;

-- Which column of `users` is the login, and which one names a person in the shop's own rows; nothing where `users` is none.
create or replace function onetill.users_keys(out login name, out person name)
language sql stable set search_path = '' as $$
  select coalesce(max(a.attname) filter (where a.attname = 'auth_user_id'), max(a.attname) filter (where a.attname = 'id')), max(a.attname) filter (where a.attname = 'id')
    from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm')
    where a.attrelid = to_regclass('public.users') and a.attname in ('id', 'auth_user_id') and a.atttypid = 'uuid'::regtype and not a.attisdropped
$$;

-- Can staff be taken from `users`? Only from a table, because nobody can tell who writes what a view shows, and only where it says whose they are.
create or replace function onetill.users_are_staff() returns boolean
language sql stable set search_path = '' as $$
  select (onetill.users_keys()).login is not null and exists (select from pg_catalog.pg_attribute v join pg_catalog.pg_class c on c.oid = v.attrelid and c.relkind in ('r', 'p')
    where v.attrelid = to_regclass('public.users') and v.attname = 'vendor_id' and v.atttypid = 'uuid'::regtype and not v.attisdropped)
$$;

-- Whether PostgreSQL lists a time zone of exactly this name. The list itself reads the file of every zone there is, which
-- takes longer than all the rest of looking: a setting reads one file, and says how the list spells the name. What has
-- digits in it may be a rule written out (`UTC+3`), which a setting takes and the list has not.
create or replace function onetill.lists_zone(p_name text) returns boolean
language plpgsql set search_path = '' set timezone = 'UTC' as $$
begin
  if p_name ~ '[0-9]' then
    return exists (select from pg_catalog.pg_timezone_names z where z.name = p_name);
  end if;
  perform set_config('timezone', p_name, true);
  return current_setting('timezone') = p_name;
exception when data_exception then
  return false;
end $$;

-- Everything that is not as the register needs it. `refuse`: nobody can decide that but the shop. `change`: what will be
-- done about it, with the statement where it is one; `stage` says by which file. Reading only.
create or replace function onetill.preflight()
returns table (verdict text, rule text, object text, sentence text, stage text, action text)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_theirs constant text[] := array['pos_registers', 'pos_sessions', 'pos_cash_movements'];
  -- Whoever applies files of a newer version says so, or this file would refuse what they made.
  v_brings constant integer := coalesce(nullif(current_setting('onetill.brings', true), '')::integer, 2);
  -- Ours are known by a foreign key even where somebody dropped the schema `onetill`.
  v_installed constant boolean := to_regclass('onetill.reconciliations') is not null or exists (select from pg_catalog.pg_constraint k
    where k.conrelid = to_regclass('public.pos_z_reports') and k.conname = 'pos_z_reports_session' and k.contype = 'f');
  -- What selling added: a name of it that somebody else has is theirs, whatever else of ours is there.
  v_selling constant text[] := array['pos_sales', 'pos_sale_lines', 'pos_sale_taxes', 'pos_sale_tenders', 'pos_sale_flags', 'pos_tills',
    'pos_items', 'pos_item_codes', 'pos_item_prices', 'pos_taxes', 'pos_quick_keys', 'pos_selling_rules', 'pos_approvals'];
  v_published text[] := array[]::text[]; v_passes boolean; v_version integer; x record; v_need text; v_holders text; v_sql text; v_count bigint;
begin
  select r.rolsuper or r.rolbypassrls into v_passes from pg_catalog.pg_roles r where r.rolname = current_user;
  rule := 'platform';
  if to_regnamespace('auth') is not null and not has_schema_privilege('auth', 'usage') then
    return query select 'refuse', rule, 'auth', 'This login may not look into the schema auth: use the project''s `postgres`.', null::text, null::text;
    return;
  end if;
  if not exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('auth.users') and a.attname = 'id'
      and a.atttypid = 'uuid'::regtype and not a.attisdropped) or to_regprocedure('auth.uid()') is null then
    return query select 'refuse', rule, 'auth.users', 'There is no table auth.users with a uuid, or no function auth.uid(): this is not a Supabase project.', null::text, null::text;
  end if;
  if to_regclass('auth.users') is not null and not has_table_privilege('auth.users', 'select') then
    return query select 'refuse', rule, 'auth.users', 'This login may not read auth.users, by which staff sign in: use the project''s `postgres`.', null::text, null::text;
  end if;
  if (onetill.users_keys()).login is not null and not has_table_privilege('public.users', 'select') then
    return query select 'refuse', 'table_owner', 'users', 'This login may not read public.users, from which the staff come: deploy with its owner''s login.', null::text, null::text;
  end if;
  if not has_schema_privilege('public', 'create') then
    return query select 'refuse', rule, 'public', 'This login may not create tables in the schema public: use the project''s `postgres`.', null::text, null::text;
  end if;
  if to_regprocedure('onetill.schema_version()') is not null then
    execute 'select onetill.schema_version()' into v_version;
    if v_version > v_brings then
      return query select 'refuse', 'newer_version', 'onetill', format('The database has schema version %s; these files bring %s. Use the newer ones.', v_version, v_brings), null::text, null::text;
    end if;
  end if;

  for x in select t.tgrelid::regclass::text as t, t.tgname as name from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
      join pg_catalog.pg_class c on c.oid = t.tgrelid and c.relnamespace = 'public'::regnamespace and c.relname = any (v_theirs)
      where not t.tgisinternal and p.pronamespace <> 'onetill'::regnamespace and t.tgname in ('guard_register', 'guard_session', 'guard_movement',
        'complete_session', 'settle_elsewhere', 'number_register', 'keep_movement', 'guard_ledger', 'guard_cancel') order by 1, 2 loop
    return query select 'refuse', 'name_taken', x.name::text, format('The trigger %s on %s has the name of one of ours: rename it.', x.name, x.t), null::text, null::text;
  end loop;

  -- Tables: ordinary ones, ours to change, with a key.
  for x in select c.oid::regclass as t, c.relname as name, c.relkind as kind, c.relispartition as part, c.relowner as owner,
        c.relforcerowsecurity as forced, exists (select from pg_catalog.pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
        exists (select from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.rulename <> '_RETURN') as ruled,
        exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
          where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'id') as keyed
      from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c', 'i')
        and c.relname = any (v_theirs || array['vendors', 'locations', 'pos_staff', 'pos_session_participants', 'pos_counts', 'pos_z_reports', 'pos_movement_rules'])
      order by c.relname loop
    if x.kind <> 'r' or x.part or x.inherits or x.ruled then
      return query select 'refuse', 'table_kind', x.name::text, format('public.%s is not an ordinary table: it is %s.', x.name,
        case when x.kind in ('v', 'm') then 'a view' when x.kind = 'f' then 'a foreign table' when x.kind = 'S' then 'a sequence' when x.kind = 'c' then 'a type' when x.kind = 'i' then 'an index' when x.kind = 'p' or x.part then 'partitioned, and no index could keep a register to one open session across its parts'
          when x.inherits then 'part of an inheritance tree' else 'rewritten by rules' end), null::text, null::text;
      continue;
    end if;
    if not pg_has_role(current_user, x.owner, 'usage') then
      return query select 'refuse', 'table_owner', x.name::text, format('public.%s belongs to the role %s, which the login %s is no member of: deploy with its owner''s login.',
        x.name, x.owner::regrole, current_user), null::text, null::text;
      continue;
    end if;
    if x.forced and not v_passes then
      return query select 'change', 'rls_not_forced', x.name::text, format('public.%s forces row level security on its owner, which would hide the register from its own functions: it is no longer forced.', x.name),
        'shape', format('alter table public.%I no force row level security', x.name);
    end if;
    if x.name = any (v_theirs || array['vendors', 'locations']) then
      if not x.keyed then
        return query select 'refuse', 'no_key', x.name::text, format('public.%s has no key `id`.', x.name), null::text, null::text;
      end if;
    elsif not v_installed then
      return query select 'refuse', 'name_taken', x.name::text, format('There is a table public.%s that this program did not make: rename it.', x.name), null::text, null::text;
    end if;
  end loop;

  if to_regclass('onetill.published') is not null then
    execute 'select coalesce(array_agg(function_name::text), ''{}'') from onetill.published' into v_published;
  end if;
  -- Other things that have a name of ours, and tables that keep whole rows of the register's: the type of such a row cannot change.
  for x in select 'type' as kind, t.oid::regtype::text as name from pg_catalog.pg_type t where t.typnamespace = 'public'::regnamespace and t.typrelid = 0 and t.typelem = 0 and not v_installed
        and t.typname in ('pos_staff', 'pos_session_participants', 'pos_counts', 'pos_z_reports', 'pos_movement_rules')
      union all select 'function', p.oid::regprocedure::text from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace
        -- Ours are on record; where the record was lost with our schema, they still work with what is in it.
        and p.proname <> all (v_published) and p.prosrc not like '%onetill.%'
        and p.proname in ('pos_whoami', 'pos_registers', 'pos_session', 'pos_session_by_key', 'pos_record_movement', 'pos_movements', 'pos_begin_count',
          'pos_abandon_count', 'pos_commit_count', 'pos_approve_count', 'pos_close_session', 'pos_end_session', 'pos_cancel_session', 'pos_x_report',
          'pos_z_report', 'pos_board', 'pos_day', 'pos_staff_list', 'pos_save_staff', 'pos_save_register', 'pos_save_movement_rule',
          'pos_save_difference_reasons', 'pos_health', 'pos_reconciliations', 'pos_till', 'pos_catalogue', 'pos_record_sale', 'pos_sale',
          'pos_sales', 'pos_approve', 'pos_settle_flag', 'pos_items', 'pos_catalogue_settings', 'pos_save_item', 'pos_save_tax', 'pos_save_quick_keys', 'pos_selling_rules',
          'pos_save_selling_rules',
          'pos_import_items') order by 1, 2 loop
    return query select 'refuse', 'name_taken', x.name, format('There is a %s %s that this program did not make: rename it.', x.kind, x.name), null::text, null::text;
  end loop;
  for x in select n.name from unnest(v_selling) n(name)
      join pg_catalog.pg_class c on c.oid = to_regclass('public.' || n.name)
      where coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') not like 'onetill: %' order by 1 loop
    return query select 'refuse', 'name_taken', x.name, format('There is a table public.%s that this program did not make: rename it.', x.name), null::text, null::text;
  end loop;
  for x in select a.attrelid::regclass::text as holder, a.attname as c, t.typrelid::regclass::text as of from pg_catalog.pg_attribute a
      join pg_catalog.pg_class h on h.oid = a.attrelid and h.relkind in ('r', 'p', 'm')
      join pg_catalog.pg_type y on y.oid = a.atttypid join pg_catalog.pg_type t on t.oid in (y.oid, y.typelem)
      where not a.attisdropped and t.typrelid = any (array(select to_regclass('public.' || n) from unnest(v_theirs || array['vendors', 'locations']) n)::oid[]) order by 1, 2 loop
    return query select 'refuse', 'row_type_held', x.of, format('The column %s of %s holds whole rows of %s, whose columns therefore cannot change: drop it, deploy, and make it again.', x.c, x.holder, x.of), null::text, null::text;
  end loop;

  -- Columns: the right kind of value, wide enough, and free to be written.
  for x in select k.table_name as t, k.column_name as c, k.kind, k.width, k.written, a.attnotnull as required, a.atthasdef as has_default,
        a.attgenerated as generated, a.attidentity as identity, m.modifier, y.typtype as made_of, y.typname as named, b.typname as base, b.typtype as sort, b.typcategory as category,
        format_type(a.atttypid, a.atttypmod) as shown, a.attrelid::regclass as of, b.oid::regtype as base_type,
        -- numeric(precision, scale) as the catalog packs it
        ((m.modifier - 4) >> 16) & 65535 as digits, (m.modifier - 4) & 2047 as places
      from onetill.contract_columns() k
      join pg_catalog.pg_attribute a on a.attrelid = to_regclass('public.' || k.table_name) and a.attname = k.column_name and not a.attisdropped
      join pg_catalog.pg_class o on o.oid = a.attrelid and o.relkind = 'r'
      join pg_catalog.pg_type y on y.oid = a.atttypid
      join pg_catalog.pg_type b on b.oid = case when y.typtype = 'd' then y.typbasetype else y.oid end
      cross join lateral (select case when y.typtype = 'd' then y.typtypmod else a.atttypmod end as modifier) m
      order by 1, a.attnum loop
    v_need := null; v_sql := null;
    case x.kind
      when 'id' then
        if x.base <> 'uuid' then v_need := 'uuid'; end if;
      when 'word' then
        if x.sort = 'e' then
          v_sql := 'text';
        elsif x.base in ('varchar', 'bpchar') then
          -- Blanks at the end of a padded word are part of it in every comparison with text.
          if x.modifier > 0 and x.modifier - 4 < x.width or x.base = 'bpchar' and x.t = any (v_theirs) then v_sql := 'text'; end if;
        elsif x.base not in ('text', 'citext') then
          v_need := 'text';
        end if;
      when 'money' then
        if x.base <> 'numeric' then
          v_need := 'numeric' || case when x.category = 'N' and x.base in ('int2', 'int4', 'int8')
            then ' (whole numbers may be cents or units, and nobody here can tell which)' else '' end;
        elsif x.modifier > 0 and (x.digits - x.places < 8 or x.places < 2) then
          v_sql := format('numeric(%s,%s)', 10 + greatest(x.places, 2), greatest(x.places, 2));
        end if;
      when 'count' then
        if x.base not in ('int2', 'int4', 'int8', 'numeric') then v_need := 'integer'; end if;
      when 'time' then
        if x.base = 'timestamp' then v_sql := 'timestamptz';
        elsif x.base <> 'timestamptz' then v_need := 'timestamp with time zone'; end if;
      when 'date' then if x.base <> 'date' then v_need := 'date'; end if;
      when 'clock' then if x.base <> 'time' then v_need := 'time'; end if;
      when 'flag' then if x.base <> 'bool' then v_need := 'boolean'; end if;
    end case;
    if v_need is not null then
      return query select 'refuse', 'column_type', x.t || '.' || x.c, format('public.%s.%s is %s, and must be %s.', x.t, x.c, x.shown, v_need), null::text, null::text;
      continue;
    end if;
    if x.generated = 'v' then
      return query select 'refuse', 'generated_column', x.t || '.' || x.c, format('public.%s.%s is a virtual generated column, and the register writes it: make it an ordinary one.', x.t, x.c), null::text, null::text;
      continue;
    elsif x.generated = 's' then
      return query select 'change', 'column_not_generated', x.t || '.' || x.c, format('public.%s.%s is generated, and the register writes it: it becomes an ordinary column and keeps its values.', x.t, x.c),
        'shape', format('alter table public.%I alter column %I drop expression', x.t, x.c);
    elsif x.identity = 'a' and x.written then
      return query select 'change', 'column_not_generated', x.t || '.' || x.c, format('public.%s.%s numbers itself, and the register writes it: it no longer does.', x.t, x.c),
        'shape', format('alter table public.%I alter column %I drop identity', x.t, x.c);
    end if;
    -- A domain may refuse what the register writes, and is another type in the result of a function.
    if x.made_of = 'd' and v_sql is null then
      v_sql := format_type(x.base_type, x.modifier);
    end if;
    if v_sql is not null then
      v_holders := onetill.column_holders(x.of, x.c::name);
      if v_holders is not null then
        return query select 'refuse', 'column_held', x.t || '.' || x.c, format('public.%s.%s is %s and must become %s, but it is used by %s: drop that, deploy, and make it again.', x.t, x.c, x.shown, v_sql, v_holders), null::text, null::text;
      else
        return query select 'change', 'column_widened', x.t || '.' || x.c, format('public.%s.%s is %s and becomes %s; no value changes.', x.t, x.c, x.shown, v_sql),
          'shape', format('select onetill.retype(%L, %L, %L)', x.t, x.c, v_sql);
      end if;
    end if;
    v_need := case when not x.has_default and x.generated = '' and x.identity = '' then case (x.t, x.c)::text
      when '(pos_sessions,id)' then 'gen_random_uuid()' when '(pos_sessions,revision)' then '1'
      when '(pos_registers,last_session_number)' then '0'
      when '(locations,timezone)' then '''UTC''' when '(locations,currency)' then '''USD''' when '(locations,business_day_cutoff)' then '''04:00'''
      when '(locations,variance_tolerance)' then '5.00' when '(locations,variance_limit)' then '20.00' end end;
    if v_need is not null then
      return query select 'change', 'column_default', x.t || '.' || x.c, format('public.%s.%s has no default, and the register relies on one: it becomes %s where nothing is said.', x.t, x.c, v_need),
        'shape', format('alter table public.%I alter column %I set default %s', x.t, x.c, v_need);
      continue;
    end if;
    if x.required and not x.has_default and not x.written and x.generated = '' and x.identity = '' and x.c <> 'id' then
      if x.kind in ('money', 'count') and x.c like any (array['total\_%', 'walk_in_sales', 'pickup_orders_fulfilled']) then
        return query select 'change', 'column_default', x.t || '.' || x.c, format('public.%s.%s must have a value (NOT NULL) and has no default: it becomes 0 where nothing is said.', x.t, x.c),
          'shape', format('alter table public.%I alter column %I set default 0', x.t, x.c);
      else
        return query select 'change', 'column_may_be_empty', x.t || '.' || x.c, format('public.%s.%s must have a value (NOT NULL), which the register does not always know: it may be left empty.', x.t, x.c),
          'shape', format('alter table public.%I alter column %I drop not null', x.t, x.c);
      end if;
    end if;
  end loop;

  -- Columns of the shop's own that no insert of the register could fill in.
  for x in select c.relname as t, a.attname as c from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any (v_theirs)
        and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '' and a.attname <> 'id'
        and not exists (select from onetill.contract_columns() k where k.table_name = c.relname and k.column_name = a.attname)
        and a.attname <> 'count_keys'
      order by 1, a.attnum loop
    return query select 'change', 'column_may_be_empty', x.t || '.' || x.c, format('public.%s.%s of the shop must have a value (NOT NULL), and the register knows nothing of it: it may be left empty.', x.t, x.c),
      'shape', format('alter table public.%I alter column %I drop not null', x.t, x.c);
  end loop;

  -- CHECKs that refuse what the register writes. A list of words gets ours besides; any other goes.
  for x in select c.relname as t, k.conname as name, k.oid as id, pg_catalog.pg_get_expr(k.conbin, k.conrelid) as expression, k.convalidated as valid,
        pg_catalog.pg_get_constraintdef(k.oid) as shown,
        case when cardinality(k.conkey) = 1 then (select a.attname from pg_catalog.pg_attribute a where a.attrelid = k.conrelid and a.attnum = k.conkey[1]) end as only
      from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
      where k.contype = 'c' and c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any (v_theirs)
        -- Ours say so in their comment.
        and coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), '') !~ '^onetill [0-9a-f]{32}$'
      order by 1, 2 loop
    continue when not onetill.check_contradicts(x.id);
    if (x.t, x.only) in (('pos_registers', 'status'), ('pos_cash_movements', 'movement_type')) then
      v_need := case x.t when 'pos_registers' then '''active'', ''retired''' else '''pay_in'', ''float_top_up'', ''pay_out'', ''safe_drop'', ''no_sale'', ''reversal''' end;
      return query select 'change', 'check_widened', x.t || '.' || x.name, format('%s on public.%s knows fewer words than the register writes: it gets %s besides.', x.name, x.t, v_need),
        'shape', format('select onetill.widen_check(%L, %L, %L)', x.t, x.name, format('%I in (%s)', x.only, v_need));
    else
      return query select 'change', 'check_dropped', x.t || '.' || x.name, format('%s on public.%s refuses rows of the register and goes: %s', x.name, x.t, x.shown),
        'shape', format('alter table public.%I drop constraint if exists %I', x.t, x.name);
    end if;
  end loop;

  -- Foreign keys by which deleting a person would delete shifts or cash, or that name people by something else than a login or a row of `users`.
  for x in select c.relname as t, k.conname as name, k.confrelid::regclass as parent, k.confdeltype as deletes, pg_catalog.pg_get_constraintdef(k.oid) as shown,
        (k.confrelid = to_regclass('auth.users') or k.confrelid = to_regclass('public.users') and exists (
          select from pg_catalog.pg_attribute p, onetill.users_keys() u where p.attrelid = k.confrelid and p.attnum = k.confkey[1] and p.attname in (u.person, u.login))) as known,
        c.relname = 'pos_cash_movements' and exists (select from pg_catalog.pg_constraint o join pg_catalog.pg_attribute b on b.attrelid = o.conrelid and b.attnum = any (o.conkey) and b.attname = 'user_id'
          where o.contype = 'f' and o.conrelid = to_regclass('public.pos_sessions') and (o.confrelid, o.confkey) is distinct from (k.confrelid, k.confkey)) as differs
      from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = 'user_id'
      where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and c.relname in ('pos_sessions', 'pos_cash_movements')
      order by 1, 2 loop
    if x.known is not true or x.deletes = 'c' or x.differs then
      return query select 'change', 'foreign_key_dropped', x.t || '.' || x.name, format('%s on public.%s goes, because %s: %s', x.name, x.t,
        case when x.deletes = 'c' then 'deleting a person would delete what they did'
          when x.differs and x.known then 'shifts name people otherwise than movements do' else 'staff are named by their login' end, x.shown),
        'shape', format('alter table public.%I drop constraint %I', x.t, x.name);
    end if;
  end loop;

  -- A foreign key that was never validated is put aside while rows are put right, and made again as it was.
  for x in select c.relname as t, k.conname as name, k.confrelid::regclass as parent from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
      where k.contype = 'f' and not k.convalidated and c.relnamespace = 'public'::regnamespace and c.relname = any (v_theirs || array['locations'])
        and not has_table_privilege(k.confrelid, 'references') order by 1, 2 loop
    return query select 'refuse', 'foreign_key_unchecked', x.t || '.' || x.name, format('%s on public.%s was never validated, and this login may not make it again, because it may not refer to %s: validate it, or use the project''s `postgres`.', x.name, x.t, x.parent), null::text, null::text;
  end loop;

  -- Unique indexes and exclusions that would refuse a second movement or shift like another.
  for x in select c.relname as t, i.indexrelid::regclass::text as name, k.conname as constraint_name, pg_catalog.pg_get_indexdef(i.indexrelid) as shown
      from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid and c.relkind = 'r'
      left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('u', 'x')
      where (i.indisunique or i.indisexclusion) and not i.indisprimary and c.relnamespace = 'public'::regnamespace and c.relname in ('pos_sessions', 'pos_cash_movements')
        -- Of this name there is only ours, made anew where it is another.
        and i.indexrelid is distinct from to_regclass('public.idx_one_open_session_per_register')::oid
      order by 1, 2 loop
    continue when not onetill.index_contradicts(to_regclass(x.name));
    return query select 'change', 'unique_dropped', x.t || '.' || x.name, format('%s on public.%s would refuse a second row of the register that is like another, and goes: %s', x.name, x.t, x.shown),
      'shape', case when x.constraint_name is null then format('drop index %s', x.name) else format('alter table public.%I drop constraint %I', x.t, x.constraint_name) end;
  end loop;

  -- Functions of the shop that run when the register writes: triggers, defaults, checks. The register's own functions look names up
  -- nowhere (search_path = ''), and one without a path of its own would inherit that and find none of its tables.
  for x in select distinct p.oid::regprocedure as f, p.proowner as owner, p.pronamespace::regnamespace::text as namespace from (
        select t.tgfoid as f, t.tgrelid as of from pg_catalog.pg_trigger t where not t.tgisinternal
        union select d.refobjid, g.adrelid from pg_catalog.pg_attrdef g join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = g.oid
          and d.refclassid = 'pg_catalog.pg_proc'::regclass
        union select d.refobjid, k.conrelid from pg_catalog.pg_constraint k join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_constraint'::regclass and d.objid = k.oid
          and d.refclassid = 'pg_catalog.pg_proc'::regclass) u
      join pg_catalog.pg_proc p on p.oid = u.f join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname in ('plpgsql', 'sql')
      join pg_catalog.pg_class c on c.oid = u.of and c.relnamespace = 'public'::regnamespace and c.relname = any (v_theirs || array['vendors', 'locations'])
      where p.pronamespace <> 'onetill'::regnamespace and p.prosqlbody is null and coalesce(p.proconfig::text not like '%search_path=%', true)
        and not exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
      order by 1 loop
    if not pg_has_role(current_user, x.owner, 'usage') then
      return query select 'refuse', 'table_owner', x.f::text, format('%s runs when the register writes, has no search path of its own, and belongs to the role %s: deploy with its owner''s login.', x.f, x.owner::regrole), null::text, null::text;
    else
      return query select 'change', 'search_path_pinned', x.f::text, format('%s of the shop runs when the register writes and has no search path of its own: it gets `public, extensions`, where it found its tables until now.', x.f),
        'shape', format('alter function %s set search_path = %s', x.f, case when x.namespace in ('public', 'extensions', 'pg_catalog') then 'public, extensions' else format('%s, public, extensions', x.namespace) end);
    end if;
  end loop;

  -- An earlier function of the fixed name, and whatever stands on it.
  for x in select p.oid, p.oid::regprocedure::text as name, p.prokind as kind, p.proowner as owner,
        (select string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, 0), ', ') from pg_catalog.pg_depend d
          where d.refclassid = 'pg_catalog.pg_proc'::regclass and d.refobjid = p.oid and d.deptype = 'n' and d.classid <> 'pg_catalog.pg_init_privs'::regclass) as holders
      from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = 'get_or_create_session' order by 2 loop
    if x.kind <> 'f' then
      return query select 'refuse', 'function_kind', x.name, format('%s is no plain function; nobody here knows who uses it.', x.name), null::text, null::text;
    elsif not pg_has_role(current_user, x.owner, 'usage') then
      return query select 'refuse', 'table_owner', x.name, format('%s belongs to the role %s, which the login %s is no member of: deploy with its owner''s login.', x.name, x.owner::regrole, current_user), null::text, null::text;
    elsif not (coalesce((select p.proconfig @> array['search_path=""'] from pg_catalog.pg_proc p where p.oid = x.oid), false) and to_regprocedure('onetill.schema_version()') is not null) then
      if x.holders is not null then
        return query select 'refuse', 'function_held', x.name, format('%s has to be replaced, but it is used by %s: drop that, deploy, and make it again.', x.name, x.holders), null::text, null::text;
      else
        return query select 'change', 'function_dropped', x.name, format('An earlier function, replaced: %s', x.name), null::text, null::text;
      end if;
    end if;
  end loop;
  for x in select c.relkind as kind, k.conname from pg_catalog.pg_class c left join pg_catalog.pg_constraint k on k.conindid = c.oid and k.contype in ('p', 'u', 'x')
      where c.oid = to_regclass('public.idx_one_open_session_per_register') and (c.relkind <> 'i' or k.oid is not null) loop
    return query select 'refuse', 'name_taken', 'idx_one_open_session_per_register', format('idx_one_open_session_per_register is the name of the register''s own index, and here it is that of %s: rename that.',
      case when x.conname is not null then 'a constraint' else 'something else' end), null::text, null::text;
  end loop;
  if to_regclass('public.idx_one_open_session_per_register') is not null and not (
      select i.indisvalid and i.indisready and i.indisunique and i.indrelid = to_regclass('public.pos_sessions') from pg_catalog.pg_index i
        where i.indexrelid = to_regclass('public.idx_one_open_session_per_register')) then
    return query select 'change', 'index_replaced', 'idx_one_open_session_per_register', 'idx_one_open_session_per_register is invalid or not unique: made anew.', null::text, null::text;
  end if;

  -- Rows, each kept as it was in onetill.reconciliations.
  for x in select * from (values
      ('duplicate_open', 'pos_sessions', 'x.status::text = ''open'' and x.register_id is not null and exists (select from public.pos_sessions y
          where y.register_id = x.register_id and y.status::text = ''open'' and (y.opened_at, y.id) < (x.opened_at, x.id))',
        '%s open shifts beside another one on the same register: the one with money stays, else the oldest; the others become `ended`, to be counted.'),
      ('register_missing', 'pos_sessions', 'not exists (select from public.pos_registers r where r.id = x.register_id)',
        '%s shifts without a register: put on a retired register of their own.'),
      ('status_unknown', 'pos_sessions', 'x.status is null or x.status::text not in (''open'', ''ended'', ''closed'', ''cancelled'')',
        '%s shifts with a status that the register does not have: closed where they say when, else ended, to be counted.'),
      ('number_repeated', 'pos_sessions', 'x.session_number is null or (x.vendor_id, x.session_number) in (
          select y.vendor_id, y.session_number from public.pos_sessions y group by 1, 2 having count(*) > 1)',
        '%s shifts without a number, or with one that another of the vendor has: all but the first get one of their own.'),
      ('register_misplaced', 'pos_registers', 'x.vendor_id is null or not exists (select from public.locations l where l.id = x.location_id and l.vendor_id = x.vendor_id)',
        '%s registers without a location of their vendor: put at a location `Unassigned`.'),
      ('session_missing', 'pos_cash_movements', 'x.session_id is not null and not exists (select from public.pos_sessions s where s.id = x.session_id)',
        '%s cash movements of shifts that are gone: kept, without a shift.'),
      ('vendor_missing', 'locations', 'x.vendor_id is not null and not exists (select from public.vendors v where v.id = x.vendor_id)',
        '%s locations of a vendor that is gone: it gets a row again.'),
      ('timezone_set', 'locations', 'x.timezone is null', '%s locations without a time zone: UTC, until somebody says better.'),
      ('currency_set', 'locations', 'x.currency is null', '%s locations without a currency: USD, until somebody says better.')) r(rule, t, condition, sentence) loop
    v_count := onetill.rows_that(x.t, x.condition);
    if v_count > 0 then
      return query select 'change', x.rule, x.t, format(x.sentence, v_count), null::text, null::text;
    end if;
  end loop;
  if has_table_privilege(to_regclass('public.locations'), 'select') and exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('public.locations') and a.attname = 'timezone' and not a.attisdropped) then
    for x in execute 'select l.id, l.timezone::text as zone from public.locations l where l.timezone::text in (select z.name
        from (select distinct timezone::text as name from public.locations where timezone is not null) z where not onetill.lists_zone(z.name)) order by 1 limit 20' loop
      return query select 'refuse', 'timezone_unknown', 'locations ' || x.id, format('The location %s has the time zone ''%s'', which PostgreSQL does not list: set one like Europe/Berlin.', x.id, x.zone), null::text, null::text;
    end loop;
  end if;
  if has_table_privilege(to_regclass('public.locations'), 'select') and exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('public.locations') and a.attname = 'currency' and not a.attisdropped) then
    for x in execute 'select l.id, l.currency::text as currency from public.locations l where l.currency is not null
        and (l.currency::text !~ ''^[A-Z]{3}$'' or l.currency::text in (''BHD'', ''IQD'', ''JOD'', ''KWD'', ''LYD'', ''OMR'', ''TND'')) order by 1 limit 20' loop
      return query select 'refuse', 'currency_unknown', 'locations ' || x.id, format('The location %s counts in ''%s'': the register knows three capital letters, and no currency of three decimals.', x.id, x.currency), null::text, null::text;
    end loop;
  end if;
  -- A place for what belongs nowhere takes what the shop asks of a location and a vendor.
  for x in select c.relname as t, string_agg(a.attname || ' (' || format_type(a.atttypid, a.atttypmod) || ')', ', ') as columns
      from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_type y on y.oid = a.atttypid
      where c.oid in (to_regclass('public.vendors'), to_regclass('public.locations')) and a.attnum > 0 and not a.attisdropped and a.attnotnull
        and not a.atthasdef and a.attidentity = '' and a.attgenerated = '' and a.attname not in ('id', 'vendor_id') and y.typcategory <> 'S'
      group by 1 loop
    if onetill.rows_that('pos_sessions', 'not exists (select from public.locations l where l.id = x.location_id)') > 0
      or onetill.rows_that('pos_registers', 'x.vendor_id is null or not exists (select from public.locations l where l.id = x.location_id and l.vendor_id = x.vendor_id)') > 0 then
      return query select 'refuse', 'no_place', x.t::text, format('Some shifts or registers belong to no location, and public.%s asks of every row what nobody here can know: %s. Give them a location first.', x.t, x.columns), null::text, null::text;
    end if;
  end loop;

  -- Who becomes staff.
  if not v_installed and onetill.users_are_staff() then
    v_count := onetill.rows_that('users', 'x.vendor_id is not null');
    if v_count > 0 then
      return query select 'change', 'staff_added', 'users', case when onetill.api_may_write(to_regclass('public.users'))
        then format('%s people of users: everybody who can sign in becomes staff, but inactive, because signed-in callers may write that table and could have given themselves any role. The owner confirms them.', v_count)
        else format('%s people of users: who can sign in and has a role that says so plainly (owner, manager, cashier) becomes staff; others who can sign in are added inactive, for the owner to confirm.', v_count) end, null::text, null::text;
    end if;
  end if;

  -- What anonymous callers or other policies could reach past ours; closed when everything else stands.
  for x in select p.tablename as t, p.policyname as name from pg_catalog.pg_policies p
      where p.schemaname = 'public' and p.tablename = any (v_theirs) and p.permissive = 'PERMISSIVE' and p.policyname <> p.tablename || '_read' order by 1, 2 loop
    return query select 'change', 'policy_dropped', x.t || '.' || x.name, format('A policy that would widen ours, dropped: %s on public.%s', x.name, x.t),
      'access', format('drop policy %I on public.%I', x.name, x.t);
  end loop;
  -- A view runs with its owner's rights: past row level security, and what a plain one shows can be written through it.
  for x in select c.oid::regclass as view, c.relkind as kind, c.relowner as owner,
        exists (select from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) v(verb) where has_table_privilege('anon', c.oid, v.verb)
          or v.verb in ('select', 'insert', 'update') and has_any_column_privilege('anon', c.oid, v.verb)) as anonymous,
        has_table_privilege('authenticated', c.oid, 'select') as reads,
        exists (select from unnest(array['insert', 'update', 'delete', 'truncate']) v(verb) where has_table_privilege('authenticated', c.oid, v.verb)) as writes,
        coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false) as invoker
      from pg_catalog.pg_class c
      where c.relkind in ('v', 'm') and c.relnamespace <> 'onetill'::regnamespace and to_regrole('anon') is not null and to_regrole('authenticated') is not null
        -- Also one over another view of them.
        and c.oid in (
          with recursive over_ours(oid) as (
            select t.oid from pg_catalog.pg_class t where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
              and t.relname = any (v_theirs || array['pos_staff', 'pos_session_participants', 'pos_counts', 'pos_z_reports'] || v_selling)
            union
            select w.ev_class from over_ours o join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = o.oid
              and d.classid = 'pg_catalog.pg_rewrite'::regclass join pg_catalog.pg_rewrite w on w.oid = d.objid)
          select o.oid from over_ours o)
      order by 1 loop
    if not pg_has_role(current_user, x.owner, 'usage') then
      if x.anonymous or x.writes or x.reads and not x.invoker then
        return query select 'refuse', 'table_owner', x.view::text, format('The view %s shows the register''s rows past its rules and belongs to the role %s: deploy with its owner''s login.', x.view, x.owner::regrole), null::text, null::text;
      end if;
      continue;
    end if;
    if x.anonymous then
      return query select 'change', 'view_closed', x.view::text, format('The view %s is over the register''s rows: callers who did not sign in may no longer use it.', x.view),
        'access', format('revoke all on %s from anon, public cascade', x.view);
    end if;
    if x.writes then
      return query select 'change', 'view_closed', x.view::text, format('The register''s rows could be written through the view %s: signed-in callers may only read it.', x.view),
        'access', format('revoke insert, update, delete, truncate on %s from authenticated cascade', x.view);
    end if;
    if x.reads and not x.invoker then
      return query select 'change', 'view_closed', x.view::text, format('The view %s shows signed-in callers the rows of every vendor: %s.', x.view,
          case when x.kind = 'v' then 'it now asks with the rights of whoever reads it' else 'they may no longer read it' end),
        'access', case when x.kind = 'v' then format('alter view %s set (security_invoker = true)', x.view) else format('revoke select on %s from authenticated cascade', x.view) end;
    end if;
  end loop;
end $$;

revoke all on function onetill.contract_columns(), onetill.contract_rows(text), onetill.contract_ids(text), onetill.column_defaults(regclass),
  onetill.check_contradicts(oid), onetill.index_contradicts(oid), onetill.column_holders(regclass, name), onetill.rows_that(text, text),
  onetill.api_may_write(regclass), onetill.users_keys(), onetill.users_are_staff(), onetill.lists_zone(text), onetill.preflight() from public, anon, authenticated;

do $$
declare v_reasons text;
begin
  select string_agg(p.sentence, E'\n') into v_reasons from onetill.preflight() p where p.verdict = 'refuse';
  if v_reasons is not null then
    raise exception using message = 'onetill: nothing was changed, because' || E'\n' || v_reasons, errcode = 'OT003';
  end if;
end $$;

reset client_min_messages;
