-- Who may read what straight from the tables. Clients write through functions only; anonymous callers reach nothing.
-- A store's own tables that already had row level security keep its decisions; the register's tables get ours.

do $$
declare
  t text; p record; v_ours text;
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
  for t in select jsonb_object_keys(v_rule) loop
    v_ours := t || '_read';
    if t in ('vendors', 'locations')
      and (select c.relrowsecurity from pg_class c where c.oid = format('public.%I', t)::regclass)
      and not exists (select from pg_policies x where x.schemaname = 'public' and x.tablename = t and x.policyname = v_ours) then
      raise notice 'onetill: % has its own row level security and keeps it', t;
      continue;
    end if;
    -- A permissive policy of an earlier client would add to ours, not narrow it.
    for p in select x.policyname from pg_policies x where x.schemaname = 'public' and x.tablename = t loop
      if p.policyname <> v_ours then
        insert into onetill.reconciliations (rule, table_name, note)
          values ('policy_dropped', t, 'policy ' || p.policyname || ' would have widened the rule of the register');
      end if;
      execute format('drop policy %I on public.%I', p.policyname, t);
    end loop;
    execute format('alter table public.%I enable row level security', t);
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', t);
    execute format('grant select on public.%I to authenticated', t);
    execute format('grant select, insert, update on public.%I to service_role', t);
    execute format('create policy %I on public.%I for select to authenticated using (%s)', v_ours, t, v_rule ->> t);
  end loop;
  -- What a database of the field accepts from anybody is not ours to keep.
  execute 'grant delete on public.vendors, public.locations, public.pos_staff, public.pos_registers, public.pos_movement_rules to service_role';
  -- There is one way to open a session, and what was written once stays written.
  execute 'revoke insert on public.pos_sessions from service_role';
  execute 'revoke insert, update on public.pos_session_participants, public.pos_counts, public.pos_z_reports from service_role';
  execute 'revoke update on public.pos_cash_movements from service_role';
  foreach t in array array['movement_types', 'seen', 'reconciliations'] loop
    continue when exists (select from pg_policies x where x.schemaname = 'onetill' and x.policyname = t || '_read');
    execute format('create policy %I on onetill.%I for select to service_role using (true)', t || '_read', t);
  end loop;
end $$;
