-- Money entering and leaving the drawer. The client makes the id, so that sending twice records once.

-- Its kind in the words of today: of a reversal, what it reverses; of a word that only older clients wrote, the one of
-- the same effect. Null where it is no movement.
create or replace function onetill.movement_kind(p_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select x.kind from onetill.ledger x where x.id = p_id);
end $$;

create or replace function onetill.movement_json(m public.pos_cash_movements) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', m.id, 'session_id', m.session_id, 'type', m.movement_type, 'kind', onetill.movement_kind(m.id),
      'amount', onetill.money(abs(m.amount), l.currency),
      'reason', m.reason, 'note', m.notes, 'reverses', m.reverses, 'reference', m.reference,
      'by_name', coalesce(onetill.staff_name(coalesce(m.recorded_by, m.user_id)), ''), 'sent_by_name', onetill.staff_name(m.sent_by), 'recorded_at', onetill.instant(m.created_at),
      'device_time', onetill.instant(m.device_time))
    from public.pos_sessions s join public.locations l on l.id = s.location_id where s.id = m.session_id);
end $$;

-- Who opened or joined this shift, recorded in it before, or was heard of at its register.
create or replace function onetill.took_part(p_user_id uuid, s public.pos_sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return s.opened_by = p_user_id
    or exists (select from public.pos_session_participants j where j.session_id = s.id and j.user_id = p_user_id)
    or exists (select from public.pos_cash_movements m where m.session_id = s.id and m.recorded_by = p_user_id)
    or exists (select from public.pos_cash_movements m join public.pos_staff st on st.user_id = p_user_id and st.person_id = m.user_id
      where m.session_id = s.id)
    or exists (select from onetill.seen x where x.session_id = s.id and x.user_id = p_user_id);
end $$;

-- Active staff of the place who took part in this shift.
create or replace function onetill.works_on(p_user_id uuid, s public.pos_sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.pos_staff st where st.user_id = p_user_id and st.vendor_id = s.vendor_id
      and st.is_active and (st.location_id is null or st.location_id = s.location_id)) and onetill.took_part(p_user_id, s);
end $$;

-- Refuses a cashier what a manager has to record. Who asks counts, not in whose name; a reversal falls under the limit
-- of what it reverses.
create or replace function onetill.require_within_limit(c onetill.caller, l public.locations, p_kind text, p_amount numeric)
returns void language plpgsql stable set search_path = '' as $$
declare v_limit numeric;
begin
  if onetill.manages(c) then return; end if;
  select x.cashier_limit into v_limit from onetill.movement_rules(l) x where x.movement_type = p_kind;
  if p_amount > v_limit then
    perform onetill.fail(403, 'POS_OVER_LIMIT', 'A manager must record an amount of this size.',
      jsonb_build_object('kind', p_kind, 'limit', onetill.money(v_limit, l.currency))::text);
  end if;
end $$;

create or replace function public.pos_record_movement(
  p_id uuid, p_session_id uuid, p_type text, p_amount numeric, p_reason text, p_note text,
  p_reverses uuid default null, p_device_time timestamptz default null, p_reference text default null,
  p_recorded_by uuid default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare
  c onetill.caller; s public.pos_sessions; m public.pos_cash_movements; o public.pos_cash_movements;
  l public.locations; v_outcome text := 'replayed';
begin
  c := onetill.caller();
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'A movement needs an id made by the client.');
  end if;
  -- What is on record is answered from the record, before any right is asked: the shift may be over by now, and who recorded
  -- it gone.
  select * into m from public.pos_cash_movements x where x.id = p_id and (c.role = 'service' or x.vendor_id = c.vendor_id);
  if found then
    select * into s from public.pos_sessions x where x.id = m.session_id;
  else
    s := onetill.require_session(c, p_session_id);
    select * into l from public.locations x where x.id = s.location_id;
    if p_type is distinct from 'reversal' and not exists (
        select from onetill.movement_types t where t.movement_type = p_type and t.is_current) then
      perform onetill.fail(400, 'POS_BAD_MOVEMENT', 'There is no movement of this type.');
    end if;
    if (p_type = 'reversal') <> (p_reverses is not null) then
      perform onetill.fail(400, 'POS_BAD_MOVEMENT', 'A reversal, and only a reversal, names the movement it reverses.');
    end if;
    if p_type <> 'reversal' and (not onetill.is_amount(p_amount)
        or p_amount <> round(p_amount, onetill.currency_scale(l.currency))
        or (p_type = 'no_sale') <> (p_amount = 0)) then
      perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The amount does not fit this kind of movement.');
    end if;
    -- What was recorded offline may be sent under a colleague's login: it stays the entry of who recorded it.
    if p_recorded_by is not null and p_recorded_by is distinct from c.user_id and not onetill.works_on(p_recorded_by, s) then
      perform onetill.fail(403, 'POS_USER_MISMATCH', 'Who recorded this does not work on this shift.');
    end if;
    begin
      -- Looked for again under the lock: the first request may have been committed, and the shift closed, a moment ago.
      perform 1 from public.pos_sessions x where x.id = s.id for share;
      select * into m from public.pos_cash_movements x where x.id = p_id;
      if not found then
        if p_type = 'reversal' then
          select * into o from public.pos_cash_movements x where x.id = p_reverses and x.session_id = s.id;
          if o.id is null or o.reverses is not null or onetill.movement_kind(o.id) is null then
            perform onetill.fail(404, 'POS_MOVEMENT_NOT_FOUND', 'This shift has no such movement to reverse.');
          end if;
        end if;
        perform onetill.require_within_limit(c, l,
          case when p_type = 'reversal' then onetill.movement_kind(o.id) else p_type end, coalesce(abs(o.amount), p_amount));
        insert into public.pos_cash_movements (id, session_id, vendor_id, register_id, location_id, user_id, recorded_by,
            movement_type, amount, reason, notes, reverses, reference, device, device_time, created_at, sent_by)
          values (p_id, s.id, s.vendor_id, s.register_id, s.location_id,
            (select st.person_id from public.pos_staff st where st.user_id = coalesce(p_recorded_by, c.user_id)), coalesce(p_recorded_by, c.user_id), p_type,
            coalesce(abs(o.amount), p_amount), left(p_reason, 200), left(p_note, 1000), p_reverses, left(p_reference, 200),
            onetill.uuid_or_null(onetill.request_header('x-device-id')), p_device_time, clock_timestamp(),
            case when p_recorded_by <> c.user_id then c.user_id end)
          on conflict (id) do nothing
          returning * into m;
        if found then
          v_outcome := 'recorded';
        else
          select * into m from public.pos_cash_movements x where x.id = p_id;
        end if;
      end if;
    exception
      when unique_violation then
        perform onetill.fail(409, 'POS_ALREADY_REVERSED', 'This movement was reversed already.');
      when lock_not_available or serialization_failure or deadlock_detected then
        perform onetill.fail_busy();
    end;
  end if;
  if m.session_id is distinct from p_session_id or m.movement_type is distinct from p_type or m.reverses is distinct from p_reverses
    or (p_type <> 'reversal' and m.amount <> p_amount) then
    perform onetill.fail(422, 'POS_KEY_REUSED', 'This id was used for another movement.');
  end if;

  return jsonb_build_object('outcome', v_outcome, 'movement', onetill.movement_json(m), 'revision', onetill.revision(s),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- The movements of a shift, newest first: what can still be reversed, and what a second device has to know.
create or replace function public.pos_movements(p_session_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; s public.pos_sessions;
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  return jsonb_build_object('session_id', s.id,
    'movements', coalesce((select jsonb_agg(onetill.movement_json(m) order by m.created_at desc, m.id)
      from public.pos_cash_movements m where m.session_id = s.id
        and coalesce(m.movement_type, '') not in (select t.movement_type from onetill.movement_types t where t.repeats)), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

revoke all on function onetill.movement_json(public.pos_cash_movements),
  onetill.movement_kind(uuid), onetill.took_part(uuid, public.pos_sessions), onetill.works_on(uuid, public.pos_sessions),
  onetill.require_within_limit(onetill.caller, public.locations, text, numeric) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_record_movement(uuid, uuid, text, numeric, text, text, uuid, timestamptz, text, uuid)',
  'public.pos_movements(uuid)']::regprocedure[]) f;
