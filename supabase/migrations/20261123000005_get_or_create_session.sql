-- The only way to open a session. A register has at most one, whatever the devices, the network or the people do.

create unique index if not exists pos_sessions_idempotency_key on public.pos_sessions (idempotency_key)
  where idempotency_key is not null;
create unique index if not exists pos_sessions_number on public.pos_sessions (vendor_id, session_number);
create unique index if not exists pos_session_participants_idempotency_key
  on public.pos_session_participants (idempotency_key) where idempotency_key is not null;
-- Without a key one person on one device joins a session once, however often they ask.
create unique index if not exists pos_session_participants_once
  on public.pos_session_participants (session_id, user_id, device) nulls not distinct where idempotency_key is null;

-- The session this intent opened or joined, if it did.
create or replace function onetill.session_of_key(p_key uuid) returns public.pos_sessions
language plpgsql stable set search_path = '' as $$
declare s public.pos_sessions;
begin
  select * into s from public.pos_sessions x where x.idempotency_key = p_key;
  if not found then
    select x.* into s from public.pos_session_participants j join public.pos_sessions x on x.id = j.session_id
      where j.idempotency_key = p_key;
  end if;
  return s;
end $$;

-- Everything that must write: open a session, or record a join that is not on record yet.
-- Locks in the order register, session.
do $$ begin
  if to_regtype('onetill.attached') is null then
    create type onetill.attached as (session public.pos_sessions, outcome text);
  end if;
end $$;

create or replace function onetill.attach(
  p_register_id uuid, p_user_id uuid, p_cash numeric, p_key uuid, p_device uuid, p_version text)
returns onetill.attached language plpgsql set search_path = '' as $$
declare
  s public.pos_sessions; v_locked boolean := false; v_number bigint; v_session_number text; v_currency text; v_business_date date; v_now timestamptz;
  r public.pos_registers;
begin
  loop
    if p_key is not null then
      s := onetill.session_of_key(p_key);
      if s.id is not null then
        if s.register_id <> p_register_id then
          perform onetill.fail(422, 'POS_KEY_REUSED', 'This idempotency key was used for another register.');
        end if;
        return row(s, 'replayed')::onetill.attached;
      end if;
    end if;

    -- FOR SHARE: the session cannot close before this join is on record, or a late duplicate of it would open another.
    select * into s from public.pos_sessions x where x.register_id = p_register_id and x.status = 'open' for share;
    if found then
      if s.idempotency_key = p_key then
        -- The other copy of this very request opened it after the key was looked for above.
        return row(s, 'replayed')::onetill.attached;
      end if;
      insert into public.pos_session_participants
          (session_id, vendor_id, user_id, device, client_version, idempotency_key, opening_cash)
        values (s.id, s.vendor_id, p_user_id, p_device, p_version, p_key, p_cash)
        on conflict do nothing;
      if found and p_cash <> s.opening_cash then
        insert into public.pos_counts (id, session_id, vendor_id, kind, amount, note, user_id, device)
          values (gen_random_uuid(), s.id, s.vendor_id, 'spot', p_cash, 'Stated when joining.', p_user_id, p_device);
      end if;
      return row(s, 'joined')::onetill.attached;
    end if;

    exit when v_locked;
    select * into r from public.pos_registers x where x.id = p_register_id for no key update;
    if r.status <> 'active' then
      perform onetill.fail(409, 'POS_REGISTER_RETIRED', 'This register is no longer in use.');
    end if;
    v_locked := true;
  end loop;

  -- A number that an earlier client happened to use is passed over.
  v_number := r.last_session_number;
  loop
    v_number := v_number + 1;
    v_session_number := r.number_prefix || '-' || lpad(v_number::text, greatest(6, length(v_number::text)), '0');
    exit when not exists (select from public.pos_sessions x
      where x.vendor_id = r.vendor_id and x.session_number = v_session_number);
  end loop;
  update public.pos_registers x set last_session_number = v_number where x.id = r.id;
  -- Spelled out, not called: a function in SQL with a pinned search path is planned anew at every call.
  v_now := clock_timestamp();
  select l.currency, ((v_now at time zone l.timezone) - l.business_day_cutoff::interval)::date
    into v_currency, v_business_date from public.locations l where l.id = r.location_id;

  insert into public.pos_sessions (session_number, register_id, location_id, vendor_id, user_id, status, opening_cash,
      opened_at, last_transaction_at, business_date, idempotency_key, device)
    values (v_session_number, r.id, r.location_id, r.vendor_id, p_user_id, 'open',
      case when p_cash is null then 200.00 else round(p_cash, onetill.currency_scale(v_currency)) end,
      v_now, v_now, v_business_date, p_key, p_device)
    on conflict (register_id) where status = 'open' do nothing
    returning * into s;
  if s.id is null then
    perform onetill.fail_busy();
  end if;
  return row(s, 'created')::onetill.attached;
exception
  -- Another call holds the register, or just won it under an older snapshot, or uses the same key at this moment:
  -- in each case asking again gives the right answer.
  when lock_not_available or serialization_failure or deadlock_detected or unique_violation then
    perform onetill.fail_busy();
    return null;
end $$;

revoke all on function onetill.session_of_key(uuid),
  onetill.attach(uuid, uuid, numeric, uuid, uuid, text) from public, anon, authenticated;

-- Is this the function that every client calls: these five arguments, one default, these sixteen columns?
create or replace function onetill.open_function_is_right(p_function oid) returns boolean
language sql stable set search_path = '' as $$
  select coalesce((
    select p.pronargdefaults = 1
        and pg_get_function_identity_arguments(p.oid)
          = 'p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash numeric'
        and pg_get_function_result(p.oid)
          = 'TABLE(id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, '
          'status text, opening_cash numeric, total_sales numeric, total_transactions integer, total_cash numeric, '
          'total_card numeric, walk_in_sales numeric, pickup_orders_fulfilled integer, '
          'opened_at timestamp with time zone, last_transaction_at timestamp with time zone)'
      from pg_catalog.pg_proc p where p.oid = p_function), false)
$$;
revoke all on function onetill.open_function_is_right(oid) from public, anon, authenticated;

-- An earlier variant with other arguments would make the endpoint ambiguous, one with another result cannot be
-- replaced in place. Dropping loses the grants; they are given again below.
do $$
declare f record;
begin
  for f in select p.oid::regprocedure::text as name, pg_get_function_result(p.oid) as result
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = 'get_or_create_session'
        and not onetill.open_function_is_right(p.oid) loop
    execute format('drop function %s', f.name);
    perform onetill.reconciled('function_dropped', 'get_or_create_session', null, null, f.name || ' returning ' || f.result);
  end loop;
end $$;

create or replace function public.get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash decimal default 200.00)
returns table (
  id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, status text,
  opening_cash decimal, total_sales decimal, total_transactions integer, total_cash decimal, total_card decimal,
  walk_in_sales decimal, pickup_orders_fulfilled integer, opened_at timestamptz, last_transaction_at timestamptz)
language plpgsql volatile security definer rows 1
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
#variable_conflict use_column
declare
  c_uuid constant text := '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$';
  v_caller uuid := auth.uid();
  v_joiner uuid := coalesce(v_caller, p_user_id);
  v_service boolean := false; v_recorded boolean;
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_key uuid; v_device uuid; v_outcome text;
  v_register_location uuid; v_register_vendor uuid; v_register_status text; v_works_at uuid; v_role text;
  s public.pos_sessions; v_attached onetill.attached;
begin
  -- Validate. NaN sorts above every number, so the upper bound refuses it too.
  if p_opening_cash < 0 or p_opening_cash > 9999999.99 then
    perform onetill.fail(400, 'POS_BAD_OPENING_CASH', 'The opening cash must be between 0 and 9999999.99.');
  end if;
  if v_headers is not null then
    -- Spelled out, not called: a function in SQL with a pinned search path is planned anew at every call.
    if v_headers ->> 'idempotency-key' ~* c_uuid then
      v_key := (v_headers ->> 'idempotency-key')::uuid;
    elsif v_headers ->> 'idempotency-key' is not null then
      perform onetill.fail(400, 'POS_BAD_KEY', 'The Idempotency-Key header must be a UUID.');
    end if;
    if v_headers ->> 'x-device-id' ~* c_uuid then
      v_device := (v_headers ->> 'x-device-id')::uuid;
    end if;
  end if;

  -- Read the register together with what the caller may do there, then authorize. A register of another vendor
  -- and one that does not exist give the same answer.
  select r.location_id, r.vendor_id, r.status, st.location_id, st.role
    into v_register_location, v_register_vendor, v_register_status, v_works_at, v_role
    from public.pos_registers r
    left join public.pos_staff st on st.user_id = v_caller and st.vendor_id = r.vendor_id and st.is_active
    where r.id = p_register_id;
  if v_role is null then
    v_service := (onetill.caller()).role = 'service';
  end if;
  if p_user_id <> v_caller and not onetill.is_service() then
    perform onetill.fail(403, 'POS_USER_MISMATCH', 'p_user_id must be the signed-in user.');
  end if;
  if v_register_vendor is null or (v_role is null and not v_service) then
    perform onetill.fail(404, 'POS_REGISTER_NOT_FOUND', 'There is no such register.');
  end if;
  if p_location_id is distinct from v_register_location or p_vendor_id is distinct from v_register_vendor then
    perform onetill.fail(409, 'POS_SCOPE_MISMATCH', 'The register belongs to another location or vendor.');
  end if;
  if v_works_at <> v_register_location then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at another location.');
  end if;
  if v_register_status <> 'active' then
    perform onetill.fail(409, 'POS_REGISTER_RETIRED', 'This register is no longer in use.');
  end if;

  -- The usual case, without any lock and without a write: the register is open, and this join is already on record.
  select * into s from public.pos_sessions x where x.register_id = p_register_id and x.status = 'open';
  if found then
    if v_key is null then
      -- Two questions, not IS NOT DISTINCT FROM: no index answers that.
      if s.user_id = v_joiner and s.device is not distinct from v_device then
        v_recorded := true;
      elsif v_device is null then
        v_recorded := exists (select from public.pos_session_participants j where j.session_id = s.id
          and j.idempotency_key is null and j.user_id = v_joiner and j.device is null);
      else
        v_recorded := exists (select from public.pos_session_participants j where j.session_id = s.id
          and j.idempotency_key is null and j.user_id = v_joiner and j.device = v_device);
      end if;
      if v_recorded then
        v_outcome := 'joined';
      end if;
    elsif s.idempotency_key = v_key or exists (select from public.pos_session_participants j
        where j.idempotency_key = v_key and j.session_id = s.id) then
      v_outcome := 'replayed';
    end if;
  end if;
  if v_outcome is null then
    v_attached := onetill.attach(p_register_id, v_joiner,
      p_opening_cash, v_key, v_device, left(v_headers ->> 'x-client-version', 64));
    s := v_attached.session;
    v_outcome := v_attached.outcome;
  end if;

  perform set_config('response.headers', '[{"X-Session-Outcome": "' || v_outcome || '"}]', true);
  id := s.id; session_number := s.session_number; register_id := s.register_id; location_id := s.location_id;
  vendor_id := s.vendor_id; user_id := s.user_id; status := s.status; opening_cash := s.opening_cash;
  total_sales := s.total_sales; total_transactions := s.total_transactions; total_cash := s.total_cash;
  total_card := s.total_card; walk_in_sales := s.walk_in_sales; pickup_orders_fulfilled := s.pickup_orders_fulfilled;
  opened_at := s.opened_at; last_transaction_at := s.last_transaction_at;
  return next;
end $$;

revoke all on function public.get_or_create_session(uuid, uuid, uuid, uuid, decimal) from public, anon;
grant execute on function public.get_or_create_session(uuid, uuid, uuid, uuid, decimal) to authenticated, service_role;
