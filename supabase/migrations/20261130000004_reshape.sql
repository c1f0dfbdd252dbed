-- Carries out what the preflight found about the shape of the tables: types, defaults, checks and foreign keys that would
-- refuse what the register writes. Each change is on record with what was there; nothing that fits is touched.

-- Gives a column another type. Rules and indexes that compare it with words of its old enum type are made anew.
create or replace function onetill.retype(p_table text, p_column text, p_type text) returns void
language plpgsql set search_path = '' as $$
declare
  v_table regclass := format('public.%I', p_table)::regclass; v_default text; v_old text; v_enum boolean; v_made boolean; x record; v_again text[] := array[]::text[]; v_statement text;
begin
  select format_type(a.atttypid, a.atttypmod), y.typtype = 'e', y.typtype in ('e', 'd'), pg_catalog.pg_get_expr(d.adbin, d.adrelid) into v_old, v_enum, v_made, v_default
    from pg_catalog.pg_attribute a join pg_catalog.pg_type y on y.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = v_table and a.attname = p_column;
  if v_enum then
    -- A check of its words goes: the register has one of its own.
    for x in select k.conname from pg_catalog.pg_constraint k join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
        where k.conrelid = v_table and k.contype = 'c' and a.attname = p_column loop
      execute format('alter table %s drop constraint %I', v_table, x.conname);
    end loop;
    for x in select i.indexrelid::regclass as name, pg_catalog.pg_get_indexdef(i.indexrelid) as definition from pg_catalog.pg_index i
        where i.indrelid = v_table and pg_catalog.pg_get_indexdef(i.indexrelid) like '%::' || v_old || '%' loop
      execute format('drop index %s', x.name);
      -- What stays a duplicate until the rows are reconciled could not be made unique here; that index is made there.
      if x.name is distinct from to_regclass('public.idx_one_open_session_per_register') then
        v_again := v_again || replace(x.definition, '::' || v_old, '::text');
      end if;
    end loop;
  end if;
  if v_default is not null then
    execute format('alter table %s alter column %I drop default', v_table, p_column);
  end if;
  execute format('alter table %s alter column %I type %s using %I%s', v_table, p_column, p_type, p_column,
    case when p_type = 'timestamptz' then ' at time zone ''UTC''' else '::' || p_type end);
  if v_default is not null then
    execute format('alter table %s alter column %I set default %s', v_table, p_column, case when v_made then replace(v_default, '::' || v_old, '::text') else v_default end);
  end if;
  foreach v_statement in array v_again loop
    execute v_statement;
  end loop;
end $$;

-- A list of words that gets ours besides.
create or replace function onetill.widen_check(p_table text, p_name text, p_words text) returns void
language plpgsql set search_path = '' as $$
declare v_expression text; v_valid boolean;
begin
  select pg_catalog.pg_get_expr(k.conbin, k.conrelid), k.convalidated into v_expression, v_valid from pg_catalog.pg_constraint k
    where k.conrelid = format('public.%I', p_table)::regclass and k.conname = p_name;
  -- It went with its column's old type.
  if v_expression is null then return; end if;
  execute format('alter table public.%I drop constraint %I, add constraint %I check (%s or %s)%s', p_table, p_name, p_name,
    v_expression, p_words, case when v_valid then '' else ' not valid' end);
end $$;

revoke all on function onetill.retype(text, text, text), onetill.widen_check(text, text, text) from public, anon, authenticated;

do $$
declare x record;
begin
  for x in select p.* from onetill.preflight() p where p.stage = 'shape' loop
    begin
      execute x.action;
    exception when others then
      raise exception using message = format('onetill: %s (%s)', x.sentence, sqlerrm), hint = 'Undo what refers to it, and repeat.', errcode = 'OT003';
    end;
    perform onetill.reconciled(x.rule, split_part(x.object, '.', 1), null, null, x.sentence);
  end loop;
end $$;

-- Rows that a forced row level security hid from the first look can be seen now.
do $$
declare v_reasons text;
begin
  select string_agg(p.sentence, E'\n') into v_reasons from onetill.preflight() p where p.verdict = 'refuse';
  if v_reasons is not null then
    raise exception using message = 'onetill: this database cannot be migrated, because' || E'\n' || v_reasons, errcode = 'OT003';
  end if;
end $$;
