-- What the owner and the managers keep in order themselves: staff, registers, and the rules for movements.
-- Every function writes a whole row by an id the client knows, so that sending twice changes nothing more.

-- Everybody who ever worked for the store, for its owner.
create or replace function public.pos_staff_list() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller;
begin
  c := onetill.caller();
  perform onetill.require_owner(c);
  return jsonb_build_object(
    'staff', coalesce((
      select jsonb_agg(jsonb_build_object('user_id', st.user_id, 'email', coalesce(u.email, ''), 'role', st.role,
          'location_id', st.location_id, 'display_name', st.display_name, 'is_active', st.is_active)
          order by st.is_active desc, st.display_name, st.user_id)
        from public.pos_staff st left join auth.users u on u.id = st.user_id where st.vendor_id = c.vendor_id), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- Takes an account that can sign in onto the staff, or changes what it may do. Nobody is removed: who left is inactive.
create or replace function public.pos_save_staff(
  p_email text, p_role text, p_location_id uuid, p_display_name text, p_is_active boolean default true)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; st public.pos_staff; v_user_id uuid; v_name text := left(trim(p_display_name), 80);
begin
  c := onetill.caller();
  perform onetill.require_owner(c);
  if p_location_id is not null then
    perform onetill.require_location(c, p_location_id);
  end if;
  if p_role is null or p_role not in ('cashier', 'manager', 'owner') or (p_role = 'owner' and p_location_id is not null)
    or coalesce(v_name, '') = '' or p_is_active is null then
    perform onetill.fail(400, 'POS_BAD_STAFF', 'A member of staff has a name, a role, and as owner no single location.');
  end if;
  -- Two owners at once must not send each other away.
  perform 1 from public.vendors v where v.id = c.vendor_id for no key update;
  select u.id into v_user_id from auth.users u where lower(u.email) = lower(trim(p_email)) order by u.id limit 1;
  select * into st from public.pos_staff x where x.user_id = v_user_id;
  -- Another store's staff does not exist here: one person works for one store.
  if v_user_id is null or st.vendor_id <> c.vendor_id then
    perform onetill.fail(404, 'POS_ACCOUNT_NOT_FOUND', 'There is no such account to take on.',
      null, 'Create the account in the project''s Auth first.');
  end if;
  if (p_role <> 'owner' or not p_is_active) and not exists (select from public.pos_staff x
      where x.vendor_id = c.vendor_id and x.role = 'owner' and x.is_active and x.user_id <> v_user_id) then
    perform onetill.fail(409, 'POS_LAST_OWNER', 'The store must keep an owner.');
  end if;
  insert into public.pos_staff as x (user_id, vendor_id, location_id, role, display_name, is_active)
    values (v_user_id, c.vendor_id, p_location_id, p_role, v_name, p_is_active)
    on conflict (user_id) do update set location_id = excluded.location_id, role = excluded.role,
      display_name = excluded.display_name, is_active = excluded.is_active
      where x.vendor_id = excluded.vendor_id;
  return jsonb_build_object('outcome', 'saved', 'user_id', v_user_id, 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- Adds a register under an id made by the client, renames it, retires it or takes it back. It stays where it stands:
-- its shifts belong to that location.
create or replace function public.pos_save_register(
  p_id uuid, p_location_id uuid, p_register_number text, p_register_name text, p_status text default 'active')
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare
  c onetill.caller; l public.locations; r public.pos_registers;
  v_number text := left(trim(p_register_number), 20); v_name text := left(trim(p_register_name), 80);
begin
  c := onetill.caller();
  perform onetill.require_owner(c);
  l := onetill.require_location(c, p_location_id);
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'A register needs an id made by the client.');
  end if;
  if coalesce(v_number, '') = '' or coalesce(v_name, '') = '' or p_status is null or p_status not in ('active', 'retired') then
    perform onetill.fail(400, 'POS_BAD_REGISTER', 'A register has a number and a name, and is active or retired.');
  end if;
  -- One at a time in a location, so that two registers do not take one number.
  perform 1 from public.locations x where x.id = l.id for no key update;
  select * into r from public.pos_registers x where x.id = p_id for no key update;
  if r.vendor_id <> c.vendor_id then
    perform onetill.fail(404, 'POS_REGISTER_NOT_FOUND', 'There is no such register.');
  end if;
  if r.location_id <> l.id then
    perform onetill.fail(409, 'POS_SCOPE_MISMATCH', 'A register stays at its location.');
  end if;
  if p_status = 'active' and exists (select from public.pos_registers x where x.location_id = l.id and x.id <> p_id
      and x.status = 'active' and lower(x.register_number) = lower(v_number)) then
    perform onetill.fail(409, 'POS_NUMBER_TAKEN', 'Another register here has this number.');
  end if;
  insert into public.pos_registers as x (id, vendor_id, location_id, register_number, register_name, status)
    values (p_id, c.vendor_id, l.id, v_number, v_name, p_status)
    on conflict (id) do update set register_number = excluded.register_number, register_name = excluded.register_name,
      status = excluded.status
      where x.location_id = excluded.location_id;
  return jsonb_build_object('outcome', 'saved', 'server_time', onetill.instant(clock_timestamp()));
exception
  when unique_violation then
    -- The shop's own rule may want numbers unlike beyond the location.
    perform onetill.fail(409, 'POS_NUMBER_TAKEN', 'Another register has this number.');
    return null;
  when lock_not_available or serialization_failure or deadlock_detected then
    perform onetill.fail_busy();
    return null;
end $$;

-- A list of reasons as a client sends it; null stays null.
create or replace function onetill.reasons(p_reasons jsonb) returns text[]
language plpgsql immutable set search_path = '' as $$
declare v_reasons text[];
begin
  if coalesce(jsonb_typeof(p_reasons), 'null') = 'null' then
    return null;
  end if;
  if jsonb_typeof(p_reasons) = 'array' then
    select coalesce(array_agg(trim(x.reason) order by x.at), '{}') into v_reasons
      from jsonb_array_elements_text(p_reasons) with ordinality x(reason, at);
  end if;
  if v_reasons is null or cardinality(v_reasons) > 30
    or exists (select from unnest(v_reasons) x(reason) where x.reason is null or x.reason = '' or length(x.reason) > 80) then
    perform onetill.fail(400, 'POS_BAD_REASONS', 'Reasons are a list of at most thirty short texts.');
  end if;
  return v_reasons;
end $$;

-- A rule for one kind of movement, at one location or (null) wherever a location has none of its own. Without limit and
-- reasons the rule goes; an empty list of reasons stays, as "none here".
create or replace function public.pos_save_movement_rule(
  p_location_id uuid, p_type text, p_cashier_limit numeric, p_reasons jsonb)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; v_reasons text[] := onetill.reasons(p_reasons); v_scale integer := 2;
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  if p_location_id is not null then
    v_scale := onetill.currency_scale((onetill.require_location(c, p_location_id)).currency);
  elsif c.location_id is not null or c.vendor_id is null then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at one location.');
  end if;
  if p_type is null or not exists (select from onetill.movement_types t where t.movement_type = p_type and t.is_current) then
    perform onetill.fail(400, 'POS_BAD_MOVEMENT', 'There is no movement of this type.');
  end if;
  if p_cashier_limit is not null and (p_type = 'no_sale' or not onetill.is_amount(p_cashier_limit)
      or p_cashier_limit <> round(p_cashier_limit, v_scale)) then
    perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The limit does not fit this kind of movement.');
  end if;
  if p_cashier_limit is null and v_reasons is null then
    delete from public.pos_movement_rules x where x.vendor_id = coalesce(c.vendor_id, x.vendor_id)
      and x.location_id is not distinct from p_location_id and x.movement_type = p_type;
  else
    insert into public.pos_movement_rules (vendor_id, location_id, movement_type, cashier_limit, reasons)
      values (coalesce(c.vendor_id, (select l.vendor_id from public.locations l where l.id = p_location_id)),
        p_location_id, p_type, p_cashier_limit, coalesce(v_reasons, '{}'))
      on conflict (vendor_id, location_id, movement_type) do update
        set cashier_limit = excluded.cashier_limit, reasons = excluded.reasons;
  end if;
  return jsonb_build_object('outcome', 'saved', 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

-- The reasons for a difference to choose from at a close, at one location or (null) at all of them: null gives the usual
-- ones back, an empty list offers none.
create or replace function public.pos_save_difference_reasons(p_location_id uuid, p_reasons jsonb)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; v_reasons text[];
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  if p_location_id is not null then
    perform onetill.require_location(c, p_location_id);
  elsif c.location_id is not null or c.vendor_id is null then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at one location.');
  end if;
  v_reasons := onetill.reasons(p_reasons);
  -- In one order, so that two who save at once do not wait for each other.
  perform 1 from public.locations l where l.id = p_location_id or (p_location_id is null and l.vendor_id = c.vendor_id)
    order by l.id for no key update;
  update public.locations l set difference_reasons = v_reasons
    where (l.id = p_location_id or (p_location_id is null and l.vendor_id = c.vendor_id))
      and l.difference_reasons is distinct from v_reasons;
  return jsonb_build_object('outcome', 'saved', 'server_time', onetill.instant(clock_timestamp()));
exception when lock_not_available or serialization_failure or deadlock_detected then
  perform onetill.fail_busy();
  return null;
end $$;

revoke all on function onetill.reasons(jsonb) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_staff_list()',
  'public.pos_save_staff(text, text, uuid, text, boolean)',
  'public.pos_save_register(uuid, uuid, text, text, text)',
  'public.pos_save_movement_rule(uuid, text, numeric, jsonb)',
  'public.pos_save_difference_reasons(uuid, jsonb)']::regprocedure[]) f;
