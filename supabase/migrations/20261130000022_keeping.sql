-- How long sales are kept. For good, unless the project's own login says otherwise for a shop: then a run of
-- `onetill.retire_sales` takes entries away
-- whose business month is beyond the shop's legal period, into an archive or altogether. Nobody else can, and nothing
-- runs by itself.

create table if not exists onetill.sales_keeping (
  vendor_id uuid primary key references public.vendors (id),
  -- Whole months after the one of the business date; no legal period is shorter than this.
  keep_months integer not null check (keep_months >= 12),
  -- False: what is beyond is dropped.
  into_archive boolean not null default true
);

-- Each entry with its lines, taxes, tenders and flags, as one text that needs no index but these.
create table if not exists onetill.sales_archive (
  id uuid primary key,
  vendor_id uuid not null,
  business_date date not null,
  receipt_number text,
  entry jsonb not null,
  archived_at timestamptz not null default clock_timestamp()
);
create index if not exists sales_archive_by_number on onetill.sales_archive (vendor_id, receipt_number);

do $$
declare t text;
begin
  foreach t in array array['sales_keeping', 'sales_archive'] loop
    execute format('alter table onetill.%I enable row level security', t);
    execute format('revoke all on onetill.%I from public, anon, authenticated', t);
    continue when exists (select from pg_policies y where y.schemaname = 'onetill' and y.policyname = t || '_read');
    execute format('create policy %I on onetill.%I for select to service_role using (true)', t || '_read', t);
  end loop;
end $$;

-- One run over at most so many entries: what it took away of which business month, and what is left there. An entry
-- stays while another that stays
-- refers to it, while a flag of it is not settled, and while its shift is not.
create or replace function onetill.retire_sales(p_limit integer default 50000)
returns table (vendor_id uuid, business_month date, retired bigint, kept bigint)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare k onetill.sales_keeping; v_before date; v_ids uuid[]; v_counts jsonb; v_done integer := 0;
begin
  perform set_config('onetill.retiring', pg_current_xact_id()::text, true);
  for k in select x.* from onetill.sales_keeping x order by x.vendor_id loop
    v_before := date_trunc('month', current_date) - make_interval(months => k.keep_months);
    v_counts := '{}';
    loop
      -- Refunds and voids first; then what nothing refers to any more.
      select array_agg(y.id) into v_ids from (
        select x.id from public.pos_sessions s join public.pos_sales x on x.session_id = s.id
            and x.vendor_id = s.vendor_id
          where s.vendor_id = k.vendor_id and s.business_date < v_before and s.status in ('closed', 'cancelled')
            and not exists (select from public.pos_sale_flags g where g.sale_id = x.id and g.settled_at is null)
            and not exists (select from public.pos_sales b where b.original_id = x.id and b.vendor_id = x.vendor_id)
          order by s.business_date, x.id limit greatest(p_limit - v_done, 0)) y;
      exit when v_ids is null;
      v_done := v_done + cardinality(v_ids);
      if k.into_archive then
        insert into onetill.sales_archive (id, vendor_id, business_date, receipt_number, entry)
          select x.id, x.vendor_id, x.business_date, x.receipt_number, to_jsonb(x) || jsonb_build_object(
              'lines', (select coalesce(jsonb_agg(to_jsonb(y) - 'sale_id' - 'vendor_id' order by y.no), '[]')
                  from public.pos_sale_lines y where y.sale_id = x.id),
              'taxes', (select coalesce(jsonb_agg(to_jsonb(y) - 'sale_id' - 'vendor_id' order by y.no), '[]')
                  from public.pos_sale_taxes y where y.sale_id = x.id),
              'tenders', (select coalesce(jsonb_agg(to_jsonb(y) - 'sale_id' - 'vendor_id' order by y.no), '[]')
                  from public.pos_sale_tenders y where y.sale_id = x.id),
              'settled', (select coalesce(jsonb_agg(to_jsonb(y) - 'sale_id' - 'vendor_id' order by y.flag), '[]')
                  from public.pos_sale_flags y where y.sale_id = x.id))
            from public.pos_sales x where x.id = any (v_ids)
          on conflict do nothing;
      end if;
      delete from public.pos_sale_lines y where y.sale_id = any (v_ids);
      delete from public.pos_sale_taxes y where y.sale_id = any (v_ids);
      delete from public.pos_sale_tenders y where y.sale_id = any (v_ids);
      delete from public.pos_sale_flags y where y.sale_id = any (v_ids);
      -- The audit knows from it that what came before was taken away on purpose.
      update public.pos_tills t set retired = greatest(t.retired, g.last)
        from (select x.register_id, x.till, max(x.chain_seq) as last from public.pos_sales x where x.id = any (v_ids)
            group by 1, 2) g
        where t.register_id = g.register_id and t.till = g.till;
      with gone as (delete from public.pos_sales x where x.id = any (v_ids)
          returning date_trunc('month', x.business_date)::date as month)
      select v_counts || jsonb_object_agg(m.month, m.n + coalesce((v_counts ->> m.month::text)::bigint,
          0)) into v_counts
        from (select g.month, count(*) as n from gone g group by 1) m;
    end loop;
    delete from public.pos_approvals a using public.pos_sessions s
      where s.id = a.session_id and s.vendor_id = k.vendor_id and s.business_date < v_before
          and s.status in ('closed', 'cancelled')
        and not exists (select from public.pos_sales x where x.session_id = s.id and x.vendor_id = s.vendor_id);
    return query
      select k.vendor_id, m.key::date, m.value::bigint, (
          select count(*) from public.pos_sessions s join public.pos_sales x on x.session_id = s.id
              and x.vendor_id = s.vendor_id
            where s.vendor_id = k.vendor_id and s.business_date >= m.key::date
                and s.business_date < m.key::date + interval '1 month')
        from jsonb_each_text(v_counts) m order by 2;
  end loop;
  perform set_config('onetill.retiring', '', true);
end $$;

revoke all on function onetill.retire_sales(integer) from public, anon, authenticated;
