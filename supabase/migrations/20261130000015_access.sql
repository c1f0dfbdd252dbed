-- Who may read what straight from the tables, last: until here earlier clients reach what they reached before. Clients
-- write through functions only; anonymous callers reach nothing. Running it again changes only what differs from that: a
-- right that the owner took back stays taken, and a policy that only narrows stays.

do $$
declare
  t text; v_ours text; v_first boolean; x record;
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
    v_ours := t || '_read';
    v_first := not exists (select from pg_policies y where y.schemaname = 'public' and y.tablename = t and y.policyname = v_ours);
    -- The shop's own tables keep their row level security, and the policies they have now or get later.
    if v_first and t in ('vendors', 'locations') and (select c.relrowsecurity from pg_class c where c.oid = format('public.%I', t)::regclass) then
      raise notice 'onetill: % has its own row level security and keeps it', t;
      continue;
    end if;
    execute format('alter table public.%I enable row level security', t);
    if v_first then
      execute format('revoke all on public.%I from authenticated, service_role cascade', t);
      execute format('grant select on public.%I to authenticated', t);
      execute format('grant select, insert, update on public.%I to service_role', t);
      if t in ('vendors', 'locations', 'pos_registers', 'pos_movement_rules') then
        execute format('grant delete on public.%I to service_role', t);
      end if;
      execute format('create policy %I on public.%I for select to authenticated using (%s)', v_ours, t, v_rule ->> t);
    else
      execute format('alter policy %I on public.%I to authenticated using (%s)', v_ours, t, v_rule ->> t);
    end if;
    -- What these passed on to others goes along.
    execute format('revoke all on public.%I from public, anon cascade', t);
    execute format('revoke insert, update, delete, truncate, references, trigger on public.%I from authenticated cascade', t);
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
