-- Who may read what straight from the tables, last: until here earlier clients reach what they reached before. Clients
-- write through functions only; anonymous callers reach nothing. Running it again changes only what differs from that: a
-- right that the owner took back stays taken, and a policy that only narrows stays.

-- Lets signed-in callers read the rows of a table that the rule gives them, and the store's server do what is named; nobody
-- else anything. The rights are given once, so that what the owner takes back stays taken.
create or replace function onetill.secure_table(p_table text, p_rule text, p_service text) returns void
language plpgsql set search_path = '' as $$
declare
  v_ours text := p_table || '_read';
  v_first boolean := not exists (select from pg_catalog.pg_policies y where y.schemaname = 'public' and y.tablename = p_table and y.policyname = v_ours);
begin
  execute format('alter table public.%I enable row level security', p_table);
  if v_first then
    execute format('revoke all on public.%I from authenticated, service_role cascade', p_table);
    execute format('grant select on public.%I to authenticated', p_table);
    execute format('grant %s on public.%I to service_role', p_service, p_table);
    execute format('create policy %I on public.%I for select to authenticated using (%s)', v_ours, p_table, p_rule);
  else
    execute format('alter policy %I on public.%I to authenticated using (%s)', v_ours, p_table, p_rule);
  end if;
  -- What these passed on to others goes along.
  execute format('revoke all on public.%I from public, anon cascade', p_table);
  execute format('revoke insert, update, delete, truncate, references, trigger on public.%I from authenticated cascade', p_table);
end $$;
revoke all on function onetill.secure_table(text, text, text) from public, anon, authenticated;

do $$
declare
  t text; v_first boolean; x record;
  -- Policies evaluate the caller once per statement, not once per row: hence the scalar sub-selects.
  v_rule constant jsonb := '{
    "vendors": "id = (select onetill.my_vendor())",
    "locations": "vendor_id = (select onetill.my_vendor())",
    "pos_registers": "vendor_id = (select onetill.my_vendor())",
    "pos_sessions": "vendor_id = (select onetill.my_vendor())",
    "pos_cash_movements": "vendor_id = (select onetill.my_vendor())",
    "pos_movement_rules": "vendor_id = (select onetill.my_vendor())",
    "pos_session_participants": "vendor_id = (select onetill.my_vendor())",
    "pos_staff": "user_id = (select onetill.my_id()) or (vendor_id = (select onetill.my_vendor()) and (select onetill.i_manage()))",
    "pos_counts": "vendor_id = (select onetill.my_vendor()) and (select onetill.i_manage())",
    "pos_z_reports": "vendor_id = (select onetill.my_vendor()) and (select onetill.i_manage())"}';
begin
  -- What would let others past our rules: policies of earlier clients, views open to anonymous callers.
  for x in select p.* from onetill.preflight() p where p.stage = 'access' loop
    execute x.action;
    perform onetill.reconciled(x.rule, split_part(x.object, '.', 1), null, null, x.sentence);
  end loop;

  for t in select jsonb_object_keys(v_rule) loop
    v_first := not exists (select from pg_policies y where y.schemaname = 'public' and y.tablename = t and y.policyname = t || '_read');
    -- The shop's own tables keep their row level security, and the policies they have now or get later.
    if v_first and t in ('vendors', 'locations') and (select c.relrowsecurity from pg_class c where c.oid = format('public.%I', t)::regclass) then
      raise notice 'onetill: % has its own row level security and keeps it', t;
      continue;
    end if;
    perform onetill.secure_table(t, v_rule ->> t, case when t in ('vendors', 'locations', 'pos_registers', 'pos_movement_rules')
      then 'select, insert, update, delete' else 'select, insert, update' end);
  end loop;
  -- There is one way to open a session, and what was written once stays written. Nobody who worked here is removed.
  execute 'revoke insert, delete, truncate on public.pos_sessions from service_role';
  execute 'revoke insert, update, delete, truncate on public.pos_session_participants, public.pos_counts, public.pos_z_reports from service_role';
  execute 'revoke update, delete, truncate on public.pos_cash_movements from service_role';
  execute 'revoke delete, truncate on public.pos_staff from service_role';
  foreach t in array array['movement_types', 'seen', 'reconciliations', 'migrations', 'published', 'installed', 'resting'] loop
    execute format('alter table onetill.%I enable row level security', t);
    execute format('revoke all on onetill.%I from public, anon, authenticated', t);
    continue when exists (select from pg_policies y where y.schemaname = 'onetill' and y.policyname = t || '_read');
    execute format('create policy %I on onetill.%I for select to service_role using (true)', t || '_read', t);
  end loop;
end $$;
