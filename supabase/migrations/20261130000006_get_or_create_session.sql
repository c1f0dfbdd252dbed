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
  if onetill.staff_of(p_user_id) <> p_caller and not onetill.is_service() then
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

-- Does this index of the shop's own keep session numbers unlike?
create or replace function onetill.is_number_index(p_name text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relname = p_name
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::smallint[]) and a.attname = 'session_number'
    where i.indrelid = 'public.pos_sessions'::regclass);
end $$;
revoke all on function onetill.is_number_index(text) from public, anon, authenticated;

-- Everything but the repeated join: refuse, replay, write a join down, or open. Locks in the order register, session.
create or replace function onetill.open_or_join(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash numeric, p_caller uuid,
  p_device uuid, p_headers jsonb)
returns public.pos_sessions language plpgsql set search_path = '' set lock_timeout = '2s' as $$
declare
  s public.pos_sessions; r record; v_header text; v_key uuid; v_outcome text; v_now timestamptz;
  v_number bigint; v_passed_over integer := 0; v_tries integer := 0; v_constraint text; v_opener uuid; v_person uuid; v_taken boolean := false;
begin
  -- NaN sorts above every number, so the upper bound refuses it too.
  if p_opening_cash < 0 or p_opening_cash > 9999999.99 then
    perform onetill.fail(400, 'POS_BAD_OPENING_CASH', 'The opening cash must be between 0 and 9999999.99.');
  end if;
  if p_headers is not null then
    v_header := p_headers ->> 'idempotency-key';
    if v_header is not null then
      if v_header like '________-____-____-____-____________' and translate(v_header, '0123456789abcdefABCDEF', '') = '----' then
        v_key := v_header::uuid;
      else
        perform onetill.fail(400, 'POS_BAD_KEY', 'The Idempotency-Key header must be a UUID.');
      end if;
    end if;
  end if;

  if v_key is not null then
    begin
      -- Copies of one request come one after the other, wherever they point: a key is kept in two tables, and no index covers both.
      perform pg_advisory_xact_lock(hashtextextended(v_key::text, 0));
    exception when lock_not_available then
      perform onetill.fail_busy();
    end;
    -- What is on record is answered from the record, whatever became since of who asks, of the register or of the session.
    s := onetill.session_of_key(v_key);
    if s.vendor_id = (select st.vendor_id from public.pos_staff st where st.user_id = p_caller)
      or s.id is not null and p_caller is null and onetill.is_service() then
      if s.register_id is distinct from p_register_id then
        perform onetill.fail(422, 'POS_KEY_REUSED', 'This idempotency key was used for another register.');
      end if;
      v_outcome := 'replayed';
    else
      v_taken := s.id is not null;
    end if;
  end if;

  while v_outcome is null loop
    select x.location_id, x.vendor_id, x.status, x.number_prefix, x.last_session_number,
        l.currency, l.timezone, l.business_day_cutoff, st.role, st.location_id as works_at, st.person_id, o.id as open_session
      into r
      from public.pos_registers x
      join public.locations l on l.id = x.location_id
      left join public.pos_staff st on st.user_id = p_caller and st.vendor_id = x.vendor_id and st.is_active
      left join public.pos_sessions o on o.register_id = x.id and o.status = 'open'
      where x.id = p_register_id;
    if r.role is null or (p_user_id <> p_caller and p_user_id is distinct from r.person_id) or p_location_id is distinct from r.location_id
      or p_vendor_id is distinct from r.vendor_id or r.works_at <> r.location_id or r.status <> 'active' then
      perform onetill.refuse_open(p_user_id, p_caller, r.vendor_id is not null, r.role is not null,
        p_location_id is not distinct from r.location_id and p_vendor_id is not distinct from r.vendor_id,
        coalesce(r.works_at = r.location_id, true), r.status);
    end if;

    -- The store's server opens in the name of whomever it says, by login or by the shop's own name for them.
    v_opener := coalesce(p_caller, p_user_id);
    v_person := r.person_id;
    if p_caller is null and p_user_id is not null then
      v_opener := onetill.staff_of(p_user_id);
      select st.person_id into v_person from public.pos_staff st where st.user_id = v_opener;
      if not found then
        v_person := p_user_id;
      end if;
    end if;

    begin
      if v_taken then
        perform onetill.fail(422, 'POS_KEY_REUSED', 'This idempotency key was used elsewhere.');
      end if;
      if r.open_session is not null then
        -- FOR SHARE: the session cannot close before this join is on record, or a late duplicate of it would open another.
        select * into s from public.pos_sessions x where x.register_id = p_register_id and x.status = 'open' for share;
        if found then
          v_outcome := 'joined';
          insert into public.pos_session_participants
              (session_id, vendor_id, user_id, device, client_version, idempotency_key, opening_cash)
            values (s.id, s.vendor_id, v_opener, p_device, left(p_headers ->> 'x-client-version', 64),
              v_key, p_opening_cash)
            on conflict do nothing;
          if found and p_opening_cash <> s.opening_cash then
            insert into public.pos_counts (id, session_id, vendor_id, kind, amount, note, user_id, device)
              values (gen_random_uuid(), s.id, s.vendor_id, 'spot', p_opening_cash, 'Stated when joining.', v_opener, p_device);
          end if;
        end if;
      end if;

      if v_outcome is null then
        -- Locks the register (FOR NO KEY UPDATE: whatever refers to it passes) and takes the number that was next above.
        -- Nobody else opened since, then: otherwise another number is next, and this call looks again.
        v_number := r.last_session_number + 1 + v_passed_over;
        update public.pos_registers x set last_session_number = v_number
          where x.id = p_register_id and x.last_session_number = r.last_session_number and x.status = 'active';
        if found then
          v_now := clock_timestamp();
          insert into public.pos_sessions (session_number, register_id, location_id, vendor_id, user_id, opened_by, status, opening_cash,
              opened_at, last_transaction_at, business_date, idempotency_key, device)
            values (r.number_prefix || '-' || lpad(v_number::text, greatest(6, length(v_number::text)), '0'), p_register_id,
              r.location_id, r.vendor_id, v_person, v_opener, 'open',
              -- A whole amount is one in every currency; asking for the currency's digits would cost more than the row.
              coalesce(case when p_opening_cash = trunc(p_opening_cash) then p_opening_cash
                else round(p_opening_cash, onetill.currency_scale(r.currency)) end, 200.00), v_now, v_now,
              ((v_now at time zone r.timezone) - r.business_day_cutoff::interval)::date, v_key, p_device)
            on conflict (register_id) where status = 'open' do nothing
            returning * into s;
          v_outcome := case when found then 'created' end;
        end if;
        if v_outcome is null then
          raise sqlstate 'OT001';
        end if;
      end if;
    exception
      when sqlstate 'OT001' then
        -- Somebody was first. What this call did is taken back, its number too, and it looks again.
        v_tries := v_tries + 1;
        if v_tries = 5 then
          perform onetill.fail_busy();
        end if;
      when unique_violation then
        get stacked diagnostics v_constraint = constraint_name;
        if v_constraint <> 'pos_sessions_number' and not onetill.is_number_index(v_constraint) then
          perform onetill.fail_busy();
        end if;
        -- An earlier client happened to use this number; it is passed over.
        v_passed_over := v_passed_over + 1;
      when foreign_key_violation then
        -- The shop's rows name people by a table of its own, and the store's server named somebody who is not in it.
        perform onetill.fail(403, 'POS_USER_MISMATCH', 'p_user_id is nobody of this store.');
      -- Another call holds the register, or just won it under an older snapshot, or uses the same key at this moment:
      -- in each case asking again gives the right answer.
      when lock_not_available or serialization_failure or deadlock_detected then
        perform onetill.fail_busy();
    end;
  end loop;

  v_header := set_config('response.headers', '[{"X-Session-Outcome": "' || v_outcome
    || '"}, {"Access-Control-Expose-Headers": "X-Session-Outcome, Retry-After"}]', true);
  return s;
end $$;

revoke all on function onetill.session_of_key(uuid),
  onetill.open_or_join(uuid, uuid, uuid, uuid, numeric, uuid, uuid, jsonb) from public, anon, authenticated;

-- Is this the function that every client calls: these five arguments, one default, these sixteen columns?
create or replace function onetill.open_function_is_right(p_function oid) returns boolean
language sql stable set search_path = '' set quote_all_identifiers = off as $$
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
    delete from onetill.published y where y.function_name = 'get_or_create_session';
  end loop;
end $$;

create or replace function public.get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash decimal default 200.00)
returns table (
  id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, status text,
  opening_cash decimal, total_sales decimal, total_transactions integer, total_cash decimal, total_card decimal,
  walk_in_sales decimal, pickup_orders_fulfilled integer, opened_at timestamptz, last_transaction_at timestamptz)
language plpgsql volatile security definer rows 1
set search_path = '' set default_transaction_isolation = 'read committed' as $$
#variable_conflict use_column
-- Coming back to a shift that one is on record in is what nearly every call without a key does, so that way is written
-- for speed: one query whose conditions are all the checks, nothing locked, nothing written, and few expressions beside
-- it, because PL/pgSQL prepares each anew in each transaction. All the rest is in a function of its own.
-- A register with an open session is in use (guard_register), and the session has its location and vendor.
declare
  v_caller uuid := auth.uid();
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  -- A UUID is recognized by its four dashes and nothing else but digits: a regular expression costs ten times that.
  v_device uuid := case when v_headers ->> 'x-device-id' like '________-____-____-____-____________'
    and translate(v_headers ->> 'x-device-id', '0123456789abcdefABCDEF', '') = '----' then (v_headers ->> 'x-device-id')::uuid end;
begin
  if v_headers ->> 'idempotency-key' is null and (p_opening_cash between 0 and 9999999.99) is not false then
    return query
      select s.id, s.session_number::text, s.register_id, s.location_id, s.vendor_id, s.user_id, s.status::text, s.opening_cash,
          s.total_sales, s.total_transactions::integer, s.total_cash, s.total_card, s.walk_in_sales::numeric, s.pickup_orders_fulfilled::integer,
          s.opened_at, s.last_transaction_at
        from public.pos_sessions s
        left join public.pos_staff st on st.user_id = v_caller and st.vendor_id = p_vendor_id and st.is_active
          and coalesce(st.location_id = p_location_id, true)
        left join public.pos_session_participants j on j.session_id = s.id and j.user_id = coalesce(v_caller, p_user_id)
          and j.idempotency_key is null and j.device is not distinct from v_device
        where s.register_id = p_register_id and s.status = 'open'
          and s.location_id = p_location_id and s.vendor_id = p_vendor_id
          and (st.user_id is not null or v_caller is null and onetill.is_service())
          and ((p_user_id = v_caller) is not false or p_user_id = st.person_id)
          and (j.id is not null or s.opened_by = coalesce(v_caller, p_user_id) and s.device is not distinct from v_device);
    -- set_config answers with what it set.
    if found and set_config('response.headers', '[{"X-Session-Outcome": "joined"}, {"Access-Control-Expose-Headers": "X-Session-Outcome, Retry-After"}]', true) is not null then
      return;
    end if;
  end if;

  return query
    select s.id, s.session_number::text, s.register_id, s.location_id, s.vendor_id, s.user_id, s.status::text, s.opening_cash,
        s.total_sales, s.total_transactions::integer, s.total_cash, s.total_card, s.walk_in_sales::numeric, s.pickup_orders_fulfilled::integer,
        s.opened_at, s.last_transaction_at
      from onetill.open_or_join(p_register_id, p_location_id, p_vendor_id, p_user_id, p_opening_cash, v_caller, v_device, v_headers) s;
end $$;

select onetill.publish('public.get_or_create_session(uuid, uuid, uuid, uuid, decimal)');
