//! Static checks of what the migrations leave behind: `plpgsql_check` where it is installed, and the
//! questions that Supabase's database linter asks of a project.

use onetill_local::PgVersion;
use onetill_tests::Result;
use onetill_tests::database::{Database, Server};

crate::tests![
    plpgsql_check_finds_nothing,
    the_linters_questions_find_nothing,
    the_linters_questions_can_find_something,
];

async fn plpgsql_check_finds_nothing(server: &Server) -> Result<()> {
    // Debian packages the checker for the oldest version only.
    if server.version() != PgVersion::V15 {
        return Ok(());
    }
    let store = server.store().await?;
    let superuser = store.superuser().await?;
    superuser.batch_execute("create extension plpgsql_check").await?;
    let found = superuser
        .query(
            "select p.oid::regprocedure::text || ' line ' || coalesce(c.lineno, 0) || ': ' || c.level || ' ' || c.message
               from pg_proc p join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
               cross join lateral plpgsql_check_function_tb(p.oid,
                 coalesce((select t.tgrelid from pg_trigger t where t.tgfoid = p.oid order by 1 limit 1), 0)) c
               where p.pronamespace in ('public'::regnamespace, 'onetill'::regnamespace)",
            &[],
        )
        .await?;
    let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    assert!(found.is_empty(), "{found:#?}");
    Ok(())
}

const QUESTIONS: [(&str, &str); 9] = [
    (
        "a foreign key without an index on its columns",
        "select k.conrelid::regclass || ' ' || k.conname from pg_constraint k where k.contype = 'f'
           and k.connamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
             and (select array_agg(x order by x) from unnest((i.indkey::smallint[])[0:cardinality(k.conkey) - 1]) x)
               = (select array_agg(x order by x) from unnest(k.conkey) x))",
    ),
    (
        "two indexes that are the same",
        "select min(i.indexrelid::regclass::text) from pg_index i join pg_class c on c.oid = i.indrelid
           where c.relnamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           group by i.indrelid, i.indkey::text, i.indclass::text, i.indisunique, coalesce(pg_get_expr(i.indpred, i.indrelid), '')
           having count(*) > 1",
    ),
    (
        "a table without a primary key",
        "select c.oid::regclass::text from pg_class c where c.relkind = 'r'
           and c.relnamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)",
    ),
    (
        "a function whose search path is not pinned",
        "select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
           and not coalesce(p.proconfig::text like '%search_path=%', false)",
    ),
    (
        "a table without row level security, or with it and no policy",
        "select c.oid::regclass::text from pg_class c where c.relkind = 'r'
           and c.relnamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           and (not c.relrowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid))",
    ),
    (
        "a function with its owner's rights that anonymous callers may run",
        "select p.oid::regprocedure::text from pg_proc p where p.prosecdef
           and p.pronamespace in ('public'::regnamespace, 'onetill'::regnamespace)
           and has_function_privilege('anon', p.oid, 'execute')",
    ),
    (
        "a float where money may be: a column, a parameter or a result",
        "select a.attrelid::regclass || ' ' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
           where c.relnamespace in ('public'::regnamespace, 'onetill'::regnamespace) and c.relkind in ('r', 'v', 'c')
             and a.atttypid in ('float4'::regtype, 'float8'::regtype, 'money'::regtype)
         union all
         select p.oid::regprocedure::text from pg_proc p
           where p.pronamespace in ('public'::regnamespace, 'onetill'::regnamespace)
             and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
             and array[p.prorettype] || coalesce(p.proallargtypes, p.proargtypes::oid[])
               && array['float4'::regtype, 'float8'::regtype, 'money'::regtype]::oid[]
         union all
         select p.oid::regprocedure::text || ' casts' from pg_proc p
           where p.pronamespace in ('public'::regnamespace, 'onetill'::regnamespace)
             and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
             and p.prosrc ~* '::[[:space:]]*(float|real|double|money)'",
    ),
    (
        "more than one permissive policy for one role and action",
        "select min(p.polrelid::regclass::text) from pg_policy p join pg_class c on c.oid = p.polrelid
           where p.polpermissive and c.relnamespace = 'public'::regnamespace
           group by p.polrelid, p.polcmd, p.polroles having count(*) > 1",
    ),
    (
        "a policy that asks who the caller is for every row",
        "select tablename || ' ' || policyname from pg_policies where schemaname = 'public'
           and regexp_replace(coalesce(qual, '') || coalesce(with_check, ''), '\\( ?select [a-z_.]+\\(\\)( as [a-z_]+)?\\)', '', 'gi')
             ~ '(auth|onetill|current_setting)[a-z_.]*\\('",
    ),
];

async fn answers(store: &Database<'_>) -> Result<Vec<(&'static str, Vec<String>)>> {
    let superuser = store.superuser().await?;
    let mut answers = Vec::new();
    for (question, sql) in QUESTIONS {
        let rows = superuser.query(sql, &[]).await?;
        answers.push((question, rows.iter().map(|row| row.get(0)).collect()));
    }
    Ok(answers)
}

async fn the_linters_questions_find_nothing(server: &Server) -> Result<()> {
    for (question, found) in answers(&server.store().await?).await? {
        assert!(found.is_empty(), "{question}: {found:#?}");
    }
    Ok(())
}

async fn the_linters_questions_can_find_something(server: &Server) -> Result<()> {
    let store = server.store().await?;
    store
        .superuser()
        .await?
        .batch_execute(
            "create table public.loose (a uuid references vendors (id));
             create index one on public.loose (a) where a is not null; create index two on public.loose (a) where a is not null;
             create function public.sharp() returns void language sql security definer as 'select';
             create function public.rough(p_amount float8) returns void language sql as 'select';
             create policy more on public.pos_sessions for select to authenticated using (user_id = auth.uid());",
        )
        .await?;
    for (question, found) in answers(&store).await? {
        assert!(!found.is_empty(), "{question}: planted and not found");
    }
    Ok(())
}
