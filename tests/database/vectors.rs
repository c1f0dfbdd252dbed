//! The arithmetic of the database against the shared vectors, which the register and its window answer, too.

use onetill_local::repository;
use onetill_tests::Result;
use onetill_tests::database::{Database, Server};
use tokio_postgres::Client;

crate::tests![
    every_vector_comes_to_its_figures,
    what_is_refused_is_refused_by_the_same_rule,
    what_comes_back_comes_to_its_figures,
    every_entry_has_its_content_digest_and_hash,
    every_text_is_known_by_whether_it_may_hold_a_card_number,
];

/// The lines of a file of vectors in a table of this name, loaded once.
async fn load<'s>(server: &'s Server, files: &[&str]) -> Result<(Database<'s>, Client)> {
    let store = server.store().await?;
    let client = store.superuser().await?;
    client.batch_execute("create table vectors (no integer generated always as identity, v jsonb)").await?;
    for file in files {
        let text = std::fs::read_to_string(repository().join("tests/vectors").join(file))?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(!lines.is_empty(), "{file} is empty");
        client
            .execute("insert into vectors (v) select x::jsonb from unnest($1::text[]) x", &[&lines])
            .await?;
    }
    // A failure as its rule and field, or nothing; `refuses` is what the vector says of it.
    client
        .batch_execute(
            "create function vector_fails(e jsonb, p_places integer, out rule text, out field text, out expected text, out got text) language plpgsql as $$
             declare d jsonb; m text;
             begin
               perform onetill.check_shape(e ->> 'kind', e -> 'lines', coalesce(e -> 'taxes', '[]'), coalesce(e -> 'tenders', '[]'), e -> 'totals');
               perform onetill.check_texts(e ->> 'reason', e ->> 'note', e -> 'lines', coalesce(e -> 'taxes', '[]'), coalesce(e -> 'tenders', '[]'));
               perform onetill.sale_figures(e ->> 'kind', e -> 'lines', coalesce(e -> 'taxes', '[]'), coalesce(e -> 'tenders', '[]'), e -> 'totals', p_places);
             exception when sqlstate 'PGRST' then
               get stacked diagnostics m = message_text;
               d := (m::jsonb ->> 'details')::jsonb;
               rule := d ->> 'rule'; field := d ->> 'field'; expected := d ->> 'expected'; got := d ->> 'got';
             end $$",
        )
        .await?;
    Ok((store, client))
}

async fn every_vector_comes_to_its_figures(server: &Server) -> Result<()> {
    let (_store, client) = load(server, &["named.jsonl", "generated.jsonl"]).await?;
    let rows = client
        .query(
            "select v ->> 'name' || ': ' || x.rule || ' ' || x.field || ' ' || coalesce(x.expected, '') || ' ' || coalesce(x.got, '')
               from vectors cross join lateral vector_fails(v, (v ->> 'places')::integer) x where x.rule is not null limit 20",
            &[],
        )
        .await?;
    let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let all: i64 =
        client.query_one("select count(*) from vectors where v ? 'kind' and v ? 'totals'", &[]).await?.get(0);
    assert!(all > 10_000, "{all} vectors");
    Ok(())
}

async fn what_is_refused_is_refused_by_the_same_rule(server: &Server) -> Result<()> {
    let (_store, client) = load(server, &["refused.jsonl"]).await?;
    let rows = client
        .query(
            "select v ->> 'name' || ': ' || concat_ws(' ', x.rule, x.field, x.expected, x.got) || ' instead of ' || (v ->> 'refused')
               from vectors cross join lateral vector_fails(v, (v ->> 'places')::integer) x
               where (not v ? 'refunds' and not v ? 'void' or x.rule is not null) and (x.rule is distinct from v #>> '{refused,rule}' or x.field is distinct from v #>> '{refused,field}'
                 or x.expected <> v #>> '{refused,expected}' or x.got <> v #>> '{refused,got}')",
            &[],
        )
        .await?;
    let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// Each vector's sale is written as it stands, and then its refunds one after the other and its void are computed against it.
async fn what_comes_back_comes_to_its_figures(server: &Server) -> Result<()> {
    let (store, client) = load(server, &["named.jsonl", "refused.jsonl", "generated.jsonl"]).await?;
    store
        .desk(onetill_tests::database::desk::Caller::ANA)
        .await?
        .open(&onetill_tests::database::desk::Ask::on(1))
        .await?;
    client
        .batch_execute(
            "insert into pos_tills (register_id, till, device, location_id, vendor_id) select register_id, 1, gen_random_uuid(), location_id, vendor_id from pos_sessions;
             create function keep_vector(p_id uuid, p_original uuid, p_seq bigint, e jsonb, p_kind text) returns void language sql as $$
               insert into pos_sales (id, session_id, register_id, location_id, vendor_id, kind, original_id, till, receipt_seq, receipt_number, currency, prices_include_tax, gross,
                   discount, net, tax, total, cash_rounding, net_cash, net_card, net_other, line_count, business_date, digest, chain_seq, prev_hash, hash)
                 select p_id, s.id, s.register_id, s.location_id, s.vendor_id, p_kind, p_original, 1, p_seq, p_seq::text, e #>> '{totals,currency}', (e #>> '{totals,prices_include_tax}')::boolean,
                     t.gross, coalesce(t.discount, 0), t.net, coalesce(t.tax, 0), t.total, coalesce(t.cash_rounding, 0), coalesce(t.net_cash, 0), coalesce(t.net_card, 0),
                     coalesce(t.net_other, 0), jsonb_array_length(e -> 'lines'), current_date, sha256(''), p_seq, sha256(''), sha256('')
                   from pos_sessions s, jsonb_to_record(e -> 'totals') t(gross numeric, discount numeric, net numeric, tax numeric, total numeric, cash_rounding numeric, net_cash numeric,
                     net_card numeric, net_other numeric);
               insert into pos_sale_lines (sale_id, no, vendor_id, quantity, unit_price, gross, discount, cart_discount, net, tax_code, original_line)
                 select p_id, l.no, s.vendor_id, l.quantity, l.unit_price, l.gross, coalesce(l.discount, 0), coalesce(l.cart_discount, 0), l.net, l.tax_code, l.original_line
                   from pos_sessions s, rows from (jsonb_to_recordset(e -> 'lines') as (quantity numeric, unit_price numeric, gross numeric, discount numeric, cart_discount numeric,
                     net numeric, tax_code text, original_line smallint)) with ordinality l(quantity, unit_price, gross, discount, cart_discount, net, tax_code, original_line, no);
               insert into pos_sale_taxes (sale_id, no, vendor_id, tax_code, component, rate, base, tax)
                 select p_id, l.no, s.vendor_id, l.tax_code, l.component, l.rate, l.base, l.tax from pos_sessions s, rows from (jsonb_to_recordset(coalesce(e -> 'taxes', '[]')) as
                     (tax_code text, component text, rate numeric, base numeric, tax numeric)) with ordinality l(tax_code, component, rate, base, tax, no);
               insert into pos_sale_tenders (sale_id, no, vendor_id, kind, label, amount, tendered, change)
                 select p_id, l.no, s.vendor_id, l.kind, l.label, l.amount, l.tendered, l.change from pos_sessions s, rows from (jsonb_to_recordset(coalesce(e -> 'tenders', '[]')) as
                     (kind text, label text, amount numeric, tendered numeric, change numeric)) with ordinality l(kind, label, amount, tendered, change, no);
             $$;
             create table told (name text, said text);
             create function work_vectors() returns integer language plpgsql as $$
             declare x record; o pos_sales; r record; v_id uuid; v_back uuid; v_seq bigint := 0; v_entry jsonb; m text; d jsonb; n integer := 0; v_last boolean;
             begin
               for x in select v from vectors where (v ? 'refunds' or v ? 'void') and (v ->> 'places')::integer <= 2
                   and (vector_fails(v, (v ->> 'places')::integer)).rule is null order by no loop
                 v_id := gen_random_uuid(); v_seq := v_seq + 1;
                 perform keep_vector(v_id, null, v_seq, x.v, 'sale');
                 select * into o from pos_sales where id = v_id;
                 for r in select y.e, y.no, y.kind, (row_number() over (order by y.kind, y.no) = count(*) over ()) as last from (
                     select e, no, 'refund' as kind from jsonb_array_elements(coalesce(x.v -> 'refunds', '[]')) with ordinality z(e, no)
                     union all select x.v -> 'void', 1, 'void' where x.v ? 'void' and not (x.v ? 'refunds' and not x.v ? 'refused')) y order by y.kind, y.no loop
                   v_entry := r.e; d := null; n := n + 1;
                   begin
                     perform onetill.check_shape(r.kind, v_entry -> 'lines', coalesce(v_entry -> 'taxes', '[]'), coalesce(v_entry -> 'tenders', '[]'), v_entry -> 'totals');
                     if o.currency <> v_entry #>> '{totals,currency}' then perform onetill.fail_sale('A9', 'currency', null, o.currency, v_entry #>> '{totals,currency}'); end if;
                     if o.prices_include_tax::text <> v_entry #>> '{totals,prices_include_tax}' then
                       perform onetill.fail_sale('A9', 'prices_include_tax', null, o.prices_include_tax::text, v_entry #>> '{totals,prices_include_tax}'); end if;
                     if r.kind = 'void' then
                       perform onetill.void_figures(o, v_entry -> 'lines', coalesce(v_entry -> 'taxes', '[]'), coalesce(v_entry -> 'tenders', '[]'), v_entry -> 'totals');
                     else
                       perform onetill.refund_figures(o, v_entry -> 'lines', coalesce(v_entry -> 'taxes', '[]'), coalesce(v_entry -> 'tenders', '[]'), v_entry -> 'totals');
                     end if;
                   exception when sqlstate 'PGRST' then
                     get stacked diagnostics m = message_text;
                     d := (m::jsonb ->> 'details')::jsonb;
                   end;
                   if x.v ? 'refused' and r.last then
                     if (d ->> 'rule', d ->> 'field') is distinct from (x.v #>> '{refused,rule}', x.v #>> '{refused,field}') then
                       insert into told values (x.v ->> 'name', coalesce(d::text, 'taken') || ' instead of ' || (x.v ->> 'refused'));
                     end if;
                   elsif d is not null then
                     insert into told values (x.v ->> 'name', r.kind || ' ' || r.no || ': ' || d::text);
                   elsif r.kind = 'refund' then
                     v_seq := v_seq + 1;
                     perform keep_vector(gen_random_uuid(), v_id, v_seq, v_entry, 'refund');
                   end if;
                 end loop;
               end loop;
               return n;
             end $$",
        )
        .await?;
    let worked = client.query_one("select work_vectors()", &[]).await;
    let worked: i32 = worked.map_err(|error| format!("{:?}", error.as_db_error()))?.get(0);
    let rows = client.query("select name || ': ' || said from told limit 20", &[]).await?;
    let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(worked > 500, "{worked} refunds and voids");
    Ok(())
}

async fn every_entry_has_its_content_digest_and_hash(server: &Server) -> Result<()> {
    let (_store, client) = load(server, &["chain.jsonl"]).await?;
    let rows = client
        .query(
            "select v ->> 'name' || ': ' || concat_ws(', ', case when c is distinct from convert_to(v ->> 'canonical', 'UTF8') then 'content' end,
                 case when encode(sha256(c), 'hex') is distinct from v ->> 'digest' then 'digest' end,
                 case when encode(sha256(decode(e #>> '{receipt,prev_hash}', 'hex') || c), 'hex') is distinct from e #>> '{receipt,hash}' then 'hash' end)
               from vectors cross join lateral (select v -> 'entry') x(e)
               cross join lateral (select onetill.canonical((e ->> 'id')::uuid, (e ->> 'session_id')::uuid, e ->> 'kind', (e ->> 'original_id')::uuid, e -> 'receipt',
                 (e ->> 'device_time')::timestamptz, (e ->> 'recorded_by')::uuid, e ->> 'reason', e ->> 'note', (e ->> 'age_checked')::boolean, e -> 'totals', e -> 'lines',
                 coalesce(e -> 'taxes', '[]'), coalesce(e -> 'tenders', '[]'))) y(c)
               where c is distinct from convert_to(v ->> 'canonical', 'UTF8') or encode(sha256(c), 'hex') is distinct from v ->> 'digest'
                 or encode(sha256(decode(e #>> '{receipt,prev_hash}', 'hex') || c), 'hex') is distinct from e #>> '{receipt,hash}'",
            &[],
        )
        .await?;
    let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let all: i64 = client.query_one("select count(*) from vectors", &[]).await?.get(0);
    assert!(all > 10, "{all} entries");
    Ok(())
}

async fn every_text_is_known_by_whether_it_may_hold_a_card_number(server: &Server) -> Result<()> {
    let (_store, client) = load(server, &["texts.jsonl"]).await?;
    let rows = client
        .query("select v ->> 'text' from vectors where onetill.holds_card_number(v ->> 'text') is distinct from (v ->> 'card')::boolean", &[])
        .await?;
    let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let both: bool =
        client.query_one("select count(distinct v ->> 'card') = 2 from vectors", &[]).await?.get(0);
    assert!(both, "some do and some do not");
    Ok(())
}
