//! Everything that a migration could change, as lines of text: what is defined, who may do what, and every row.
//! Two pictures that are equal show that nothing happened in between.

use std::collections::HashSet;

use onetill_tests::Result;
use onetill_tests::database::Database;

/// Definitions, rights and settings of every schema that is not PostgreSQL's own.
const DEFINITIONS: &str = "
    with schemas as (select oid, nspname, nspowner, nspacl from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
    select 'schema ' || nspname || nspowner::regrole || coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(nspacl) a), '') from schemas
    union all select 'function ' || p.oid::regprocedure || p.proowner::regrole || coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(p.proacl) a), '') || coalesce(p.proconfig::text, '')
        || case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else '' end
      from pg_proc p join schemas s on s.oid = p.pronamespace
    union all select 'relation ' || c.oid::regclass || c.relkind::text || c.relowner::regrole || c.relrowsecurity || c.relforcerowsecurity || c.relpersistence::text
        || coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(c.relacl) a), '') || coalesce(c.reloptions::text, '')
        || case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) else '' end
      from pg_class c join schemas s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all select 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull
        || a.attgenerated::text || a.attidentity::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || coalesce(a.attacl::text, '')
      from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm') join schemas s on s.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 and not a.attisdropped
    union all select 'index ' || pg_get_indexdef(i.indexrelid) || i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid join schemas s on s.oid = c.relnamespace
    union all select 'constraint ' || k.conrelid::regclass || ' ' || k.conname || pg_get_constraintdef(k.oid) || k.convalidated from pg_constraint k
      join schemas s on s.oid = k.connamespace where k.conrelid <> 0
    union all select 'policy ' || p.tablename || p.policyname || p.permissive || p.cmd || p.roles::text || coalesce(p.qual, '') || coalesce(p.with_check, '') from pg_policies p
    union all select 'trigger ' || pg_get_triggerdef(t.oid) || t.tgenabled::text from pg_trigger t where not t.tgisinternal
    union all select 'rule ' || pg_get_ruledef(w.oid) from pg_rewrite w where w.rulename <> '_RETURN' and w.ev_class >= 16384
    union all select 'type ' || t.oid::regtype || t.typtype::text || t.typowner::regrole
        || coalesce((select string_agg(e.enumlabel, ' ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '')
      from pg_type t join schemas s on s.oid = t.typnamespace where t.typtype in ('e', 'd', 'c')
    union all select 'comment ' || classoid::regclass || objoid || ' ' || objsubid || description from pg_description where objoid >= 16384
    union all select 'grants by default ' || d.defaclrole::regrole || d.defaclobjtype::text || d.defaclacl::text from pg_default_acl d
    order by 1";

/// One query that shows every row of every table; none where there is no table.
const ROWS: &str = "
    select string_agg(format('select %L || to_jsonb(x)::text from %s x', c.oid::regclass || ' ', c.oid::regclass), ' union all ' order by c.oid)
      from pg_class c join pg_namespace s on s.oid = c.relnamespace
      where c.relkind = 'r' and s.nspname !~ '^pg_' and s.nspname <> 'information_schema'";

/// The database as it stands.
pub(crate) async fn picture(database: &Database<'_>) -> Result<Vec<String>> {
    let superuser = database.superuser().await?;
    let mut lines: Vec<String> =
        superuser.query(DEFINITIONS, &[]).await?.iter().map(|row| row.get(0)).collect();
    let rows: Option<String> = superuser.query_one(ROWS, &[]).await?.get(0);
    if let Some(rows) = rows {
        lines.extend(superuser.query(&rows, &[]).await?.iter().map(|row| row.get::<_, String>(0)));
    }
    Ok(lines)
}

/// What `changed` says of two equal pictures.
pub(crate) const NOTHING: [String; 0] = [];

/// The lines that only one of two pictures has.
pub(crate) fn changed(before: &[String], after: &[String]) -> Vec<String> {
    let (old, new): (HashSet<_>, HashSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone = before.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let added = after.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(added).collect()
}
