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

do $$ begin
  if to_regtype('onetill.attached') is null then
    create type onetill.attached as (session public.pos_sessions, outcome text);
  end if;
end $$;

-- In PL/pgSQL, whose plans are kept: every open calls it.
create or replace function onetill.session_number(p_prefix text, p_number bigint) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return p_prefix || '-' || lpad(p_number::text, greatest(6, length(p_number::text)), '0');
end $$;

-- Everything that must write: open a session, or record a join that is not on record yet.
-- Locks in the order register, session.
create or replace function onetill.attach(
  p_register_id uuid, p_is_open boolean, p_user_id uuid, p_cash numeric, p_key uuid, p_device uuid, p_version text)
returns onetill.attached language plpgsql set search_path = '' set lock_timeout = '2s' as $$
declare
  s public.pos_sessions; v_open boolean := p_is_open;
  v_location uuid; v_vendor uuid; v_number text; v_taken boolean; v_cash numeric;
  v_now timestamptz; v_timezone text; v_cutoff time;
begin
  loop
    begin
      if p_key is not null then
        s := onetill.session_of_key(p_key);
        if s.id is not null then
          if s.register_id <> p_register_id then
            perform onetill.fail(422, 'POS_KEY_REUSED', 'This idempotency key was used for another register.');
          end if;
          return row(s, 'replayed')::onetill.attached;
        end if;
      end if;

      if v_open then
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
      end if;

      -- One statement that locks the register (FOR NO KEY UPDATE: whatever refers to it passes), counts, and looks up
      -- what the session needs. A number that an earlier client happened to use is passed over.
      v_taken := true;
      while v_taken loop
        update public.pos_registers r set last_session_number = r.last_session_number + 1
          from public.locations l
          where r.id = p_register_id and r.status = 'active' and l.id = r.location_id
          returning r.location_id, r.vendor_id, onetill.session_number(r.number_prefix, r.last_session_number),
            exists (select from public.pos_sessions x where x.vendor_id = r.vendor_id
              and x.session_number = onetill.session_number(r.number_prefix, r.last_session_number)),
            case when p_cash is null then 200.00 else round(p_cash, onetill.currency_scale(l.currency)) end,
            clock_timestamp(), l.timezone, l.business_day_cutoff
          into v_location, v_vendor, v_number, v_taken, v_cash, v_now, v_timezone, v_cutoff;
        if not found then
          perform onetill.fail(409, 'POS_REGISTER_RETIRED', 'This register is no longer in use.');
        end if;
      end loop;

      -- Under the lock once more: the other copy of this request may have joined, and that shift may be over by now.
      if p_key is null or (onetill.session_of_key(p_key)).id is null then
        insert into public.pos_sessions (session_number, register_id, location_id, vendor_id, user_id, status, opening_cash,
            opened_at, last_transaction_at, business_date, idempotency_key, device)
          values (v_number, p_register_id, v_location, v_vendor, p_user_id, 'open', v_cash,
            v_now, v_now, ((v_now at time zone v_timezone) - v_cutoff::interval)::date, p_key, p_device)
          on conflict (register_id) where status = 'open' do nothing
          returning * into s;
        if found then
          return row(s, 'created')::onetill.attached;
        end if;
      end if;
      raise sqlstate 'OT001';
    exception
      when sqlstate 'OT001' then
        -- Somebody was first while this call waited for the lock. Its number is given back with all it did; once more,
        -- and what they opened is joined.
        v_open := true;
      -- Another call holds the register, or just won it under an older snapshot, or uses the same key at this moment:
      -- in each case asking again gives the right answer.
      when lock_not_available or serialization_failure or deadlock_detected or unique_violation then
        perform onetill.fail_busy();
    end;
  end loop;
  return null;
end $$;

revoke all on function onetill.session_of_key(uuid), onetill.session_number(text, bigint),
  onetill.attach(uuid, boolean, uuid, numeric, uuid, uuid, text) from public, anon, authenticated;

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

-- Why a call may not open or join here, if it may not. A register of another vendor and one that does not exist give
-- the same answer. The store's own server comes through here too, and may.
create or replace function onetill.refuse_open(
  p_user_id uuid, p_caller uuid, p_exists boolean, p_is_staff boolean, p_place_fits boolean, p_works_here boolean, p_status text)
returns void language plpgsql stable set search_path = '' as $$
declare v_service boolean := false;
begin
  if not p_is_staff then
    v_service := (onetill.caller()).role = 'service';
  end if;
  if p_user_id <> p_caller and not onetill.is_service() then
    perform onetill.fail(403, 'POS_USER_MISMATCH', 'p_user_id must be the signed-in user.');
  end if;
  if not p_exists or not (p_is_staff or v_service) then
    perform onetill.fail(404, 'POS_REGISTER_NOT_FOUND', 'There is no such register.');
  end if;
  if not p_place_fits then
    perform onetill.fail(409, 'POS_SCOPE_MISMATCH', 'The register belongs to another location or vendor.');
  end if;
  if not p_works_here then
    perform onetill.fail(403, 'POS_NOT_ALLOWED_HERE', 'This account works at another location.');
  end if;
  if p_status <> 'active' then
    perform onetill.fail(409, 'POS_REGISTER_RETIRED', 'This register is no longer in use.');
  end if;
end $$;
revoke all on function onetill.refuse_open(uuid, uuid, boolean, boolean, boolean, boolean, text)
  from public, anon, authenticated;

create or replace function public.get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash decimal default 200.00)
returns table (
  id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, status text,
  opening_cash decimal, total_sales decimal, total_transactions integer, total_cash decimal, total_card decimal,
  walk_in_sales decimal, pickup_orders_fulfilled integer, opened_at timestamptz, last_transaction_at timestamptz)
language plpgsql volatile security definer rows 1
set search_path = '' set default_transaction_isolation = 'read committed' as $$
#variable_conflict use_column
-- Joining what is open is what nearly every call does, so that way is written for speed: everything it needs to know
-- is one query straight into the result's columns, and every expression less is planned less (PL/pgSQL prepares each
-- anew in each transaction). Nothing is locked or written there. All the rest is in functions of its own.
declare
  v_caller uuid := auth.uid();
  v_joiner uuid := coalesce(v_caller, p_user_id);
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_header text; v_key uuid; v_device uuid; v_outcome text;
  v_at uuid; v_of uuid; v_register_status text; v_works_at uuid; v_role text; v_recorded boolean;
begin
  -- Validate. NaN sorts above every number, so the upper bound refuses it too.
  if p_opening_cash < 0 or p_opening_cash > 9999999.99 then
    perform onetill.fail(400, 'POS_BAD_OPENING_CASH', 'The opening cash must be between 0 and 9999999.99.');
  end if;
  if v_headers is not null then
    -- A UUID is recognized by its four dashes and nothing else but digits: a regular expression costs ten times that.
    v_header := v_headers ->> 'idempotency-key';
    if v_header is not null then
      if v_header like '________-____-____-____-____________' and translate(v_header, '0123456789abcdefABCDEF', '') = '----' then
        v_key := v_header::uuid;
      else
        perform onetill.fail(400, 'POS_BAD_KEY', 'The Idempotency-Key header must be a UUID.');
      end if;
    end if;
    v_header := v_headers ->> 'x-device-id';
    if v_header like '________-____-____-____-____________' and translate(v_header, '0123456789abcdefABCDEF', '') = '----' then
      v_device := v_header::uuid;
    end if;
  end if;

  -- The register, what the caller may do there, what is open on it, and whether this join is on record already.
  select r.location_id, r.vendor_id, r.status, st.location_id, st.role,
      case when v_key is null then s.user_id = v_joiner and s.device is not distinct from v_device
          or exists (select from public.pos_session_participants j where j.session_id = s.id and j.user_id = v_joiner
            and j.device is not distinct from v_device and j.idempotency_key is null)
        else s.idempotency_key = v_key or exists (select from public.pos_session_participants j
            where j.idempotency_key = v_key and j.session_id = s.id) end,
      s.id, s.session_number, s.register_id, s.location_id, s.vendor_id, s.user_id, s.status, s.opening_cash,
      s.total_sales, s.total_transactions, s.total_cash, s.total_card, s.walk_in_sales, s.pickup_orders_fulfilled,
      s.opened_at, s.last_transaction_at
    into v_at, v_of, v_register_status, v_works_at, v_role, v_recorded,
      id, session_number, register_id, location_id, vendor_id, user_id, status, opening_cash,
      total_sales, total_transactions, total_cash, total_card, walk_in_sales, pickup_orders_fulfilled,
      opened_at, last_transaction_at
    from public.pos_registers r
    left join public.pos_staff st on st.user_id = v_caller and st.vendor_id = r.vendor_id and st.is_active
    left join public.pos_sessions s on s.register_id = r.id and s.status = 'open'
    where r.id = p_register_id;
  if v_role is null or p_user_id <> v_caller or p_location_id is distinct from v_at or p_vendor_id is distinct from v_of
    or v_works_at <> v_at or v_register_status <> 'active' then
    perform onetill.refuse_open(p_user_id, v_caller, v_of is not null, v_role is not null,
      p_location_id is not distinct from v_at and p_vendor_id is not distinct from v_of,
      coalesce(v_works_at = v_at, true), v_register_status);
  end if;

  if v_recorded then
    v_outcome := case when v_key is null then 'joined' else 'replayed' end;
  else
    select (a.session).id, (a.session).session_number, (a.session).register_id, (a.session).location_id,
        (a.session).vendor_id, (a.session).user_id, (a.session).status, (a.session).opening_cash,
        (a.session).total_sales, (a.session).total_transactions, (a.session).total_cash, (a.session).total_card,
        (a.session).walk_in_sales, (a.session).pickup_orders_fulfilled, (a.session).opened_at,
        (a.session).last_transaction_at, a.outcome
      into id, session_number, register_id, location_id, vendor_id, user_id, status, opening_cash,
        total_sales, total_transactions, total_cash, total_card, walk_in_sales, pickup_orders_fulfilled,
        opened_at, last_transaction_at, v_outcome
      from onetill.attach(p_register_id, id is not null, v_joiner, p_opening_cash, v_key, v_device,
        left(v_headers ->> 'x-client-version', 64)) a;
  end if;

  v_header := set_config('response.headers', '[{"X-Session-Outcome": "' || v_outcome || '"}]', true);
  return next;
end $$;

revoke all on function public.get_or_create_session(uuid, uuid, uuid, uuid, decimal) from public, anon;
grant execute on function public.get_or_create_session(uuid, uuid, uuid, uuid, decimal) to authenticated, service_role;
