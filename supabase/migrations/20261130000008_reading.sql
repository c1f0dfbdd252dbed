-- What a register reads: who am I, which registers are there, what became of my shift.

-- The movements with what each does to the drawer, in one place: ours by their kind, those of earlier clients with the sign
-- they carry, a reversal as the opposite of what it reverses. `kind` is what it is, or what it reverses, in the words of today.
-- What only repeats another figure is no movement.
drop view if exists onetill.ledger;
create view onetill.ledger with (security_invoker = true) as
  select m.id, m.session_id, m.movement_type, m.amount, m.reverses, x.movement_type is not null as is_known,
      case when x.is_current then x.movement_type else (array['pay_out', 'no_sale', 'pay_in'])[sign(z.effect)::integer + 2] end as kind,
      case when m.reverses is null then z.effect else -z.effect end as effect
    from public.pos_cash_movements m
    left join public.pos_cash_movements o on o.id = m.reverses
    cross join lateral (select coalesce(o.amount, m.amount) as amount, coalesce(o.movement_type, m.movement_type) as movement_type) y
    left join onetill.movement_types x on x.movement_type = y.movement_type
    cross join lateral (select coalesce(case when x.is_signed or y.amount < 0 then y.amount else x.sign * y.amount end, 0) as effect) z
    where x.repeats is not true;
revoke all on onetill.ledger from public, anon, authenticated;

-- The drawer as the ledger has it: a pure function of the opening cash, the sale totals on the session and the
-- movements. The one place that computes it. Null where the opening cash was never known.
create or replace function onetill.expected_cash(p_session_id uuid) returns numeric
language plpgsql stable set search_path = '' as $$
begin
  return (
    select s.opening_cash + coalesce(s.total_cash, 0) + coalesce((select sum(m.effect) from onetill.ledger m where m.session_id = s.id), 0)
      from public.pos_sessions s where s.id = p_session_id);
end $$;

-- Rises with every change of the session or of what was written under it. Those rows are never removed, so counting
-- them avoids a write to the session, and a lock on it, for every movement.
create or replace function onetill.revision(s public.pos_sessions) returns bigint
language plpgsql stable set search_path = '' as $$
begin
  return s.revision
    + (select count(*) from public.pos_cash_movements x where x.session_id = s.id)
    + (select count(*) from public.pos_counts x where x.session_id = s.id)
    + (select count(*) from public.pos_counts x where x.session_id = s.id and x.approved_at is not null)
    + (select count(*) from public.pos_session_participants x where x.session_id = s.id);
end $$;

-- One session as every client sees it.
create or replace function onetill.session_json(s public.pos_sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', s.id, 'session_number', s.session_number, 'register_id', s.register_id, 'location_id', s.location_id,
      'vendor_id', s.vendor_id, 'opener_id', s.opened_by, 'opener_name', coalesce(onetill.staff_name(s.opened_by), ''),
      'status', s.status, 'opening_cash', onetill.money(s.opening_cash, l.currency),
      'opened_at', onetill.instant(s.opened_at), 'business_date', s.business_date, 'revision', onetill.revision(s),
      'participants', (select count(*) from (
        select s.opened_by, s.device union
        select j.user_id, j.device from public.pos_session_participants j where j.session_id = s.id) who),
      'counting', case when s.status = 'open' and s.counting_since is not null then jsonb_build_object(
        'by_id', s.counting_by, 'by_name', coalesce(onetill.staff_name(s.counting_by), ''),
        'since', onetill.instant(s.counting_since)) end)
    from public.locations l where l.id = s.location_id);
end $$;

-- The same with its figures and its end. Expected cash stays hidden from a cashier until the drawer is counted.
create or replace function onetill.session_detail_json(c onetill.caller, s public.pos_sessions, p_key uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select onetill.session_json(s) || jsonb_build_object(
      'closed_at', onetill.instant(s.closed_at),
      'ended_at', onetill.instant(s.ended_at),
      'ended_by_name', onetill.staff_name(coalesce(s.ended_by, s.closed_by)),
      'end_reason', s.end_reason,
      'close_kind', s.close_kind,
      'was_counted', s.was_counted,
      'totals', jsonb_build_object(
        'total_sales', onetill.money(coalesce(s.total_sales, 0), l.currency),
        'total_transactions', coalesce(s.total_transactions, 0),
        'total_cash', onetill.money(coalesce(s.total_cash, 0), l.currency),
        'total_card', onetill.money(coalesce(s.total_card, 0), l.currency)),
      'expected_cash', case
        when s.status = 'closed' then onetill.money(s.expected_cash, l.currency)
        when onetill.manages(c) or exists (select from public.pos_counts n where n.session_id = s.id and n.kind = 'closing')
          then onetill.money(onetill.expected_cash(s.id), l.currency) end,
      'closing_cash', onetill.money(s.closing_cash, l.currency),
      'cash_difference', onetill.money(s.cash_difference, l.currency),
      'idempotency_key_matches', coalesce(s.idempotency_key = p_key or exists (
        select from public.pos_session_participants j where j.session_id = s.id and j.idempotency_key = p_key), false))
    from public.locations l where l.id = s.location_id);
end $$;

-- What is left from the last close is what the next shift probably starts with.
create or replace function onetill.suggested_opening_cash(p_register_id uuid, p_currency text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return onetill.money(coalesce((
    select last.left_in_drawer from public.pos_registers r cross join lateral (
        select s.left_in_drawer from public.pos_sessions s
          where s.register_id = r.id and s.location_id = r.location_id and s.vendor_id = r.vendor_id and s.status = 'closed'
          order by s.opened_at desc limit 1) last
      where r.id = p_register_id), 200.00), p_currency);
end $$;

-- The rules for movements as they hold at a location: its own, else the store's.
create or replace function onetill.movement_rules(l public.locations) returns setof public.pos_movement_rules
language plpgsql stable set search_path = '' as $$
begin
  return query
    select distinct on (x.movement_type) x.* from public.pos_movement_rules x
      where x.vendor_id = l.vendor_id and (x.location_id = l.id or x.location_id is null)
      order by x.movement_type, x.location_id nulls last;
end $$;

create or replace function onetill.movement_rules_json(l public.locations) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'movement_limits', coalesce(jsonb_object_agg(x.movement_type, onetill.money(x.cashier_limit, l.currency))
        filter (where x.cashier_limit is not null), '{}'),
      'reasons', coalesce(jsonb_object_agg(x.movement_type, x.reasons) filter (where cardinality(x.reasons) > 0), '{}'))
    from onetill.movement_rules(l) x);
end $$;

create or replace function public.pos_whoami() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller;
begin
  c := onetill.caller();
  if c.role = 'service' then
    perform onetill.fail(403, 'POS_NOT_STAFF', 'The secret key is not a person.');
  end if;
  return jsonb_build_object(
    'user_id', c.user_id, 'vendor_id', c.vendor_id,
    'vendor_name', (select coalesce(v.store_name, '') from public.vendors v where v.id = c.vendor_id),
    'display_name', c.display_name, 'role', c.role,
    'locations', coalesce((
      select jsonb_agg(jsonb_build_object('id', l.id, 'name', coalesce(l.name, ''), 'timezone', l.timezone,
          'currency', l.currency, 'business_day_cutoff', to_char(l.business_day_cutoff, 'HH24:MI'),
          'variance_tolerance', onetill.money(l.variance_tolerance, l.currency),
          'variance_limit', onetill.money(l.variance_limit, l.currency),
          'difference_reasons', l.difference_reasons) || onetill.movement_rules_json(l) order by l.name, l.id)
        from public.locations l
        where l.vendor_id = c.vendor_id and (c.location_id is null or l.id = c.location_id)), '[]'),
    'schema_version', onetill.schema_version(), 'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function public.pos_registers(p_location_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; l public.locations;
begin
  c := onetill.caller();
  l := onetill.require_location(c, p_location_id);
  return jsonb_build_object(
    'location_id', l.id,
    'registers', coalesce((
      select jsonb_agg(jsonb_build_object(
          'id', r.id, 'register_number', coalesce(r.register_number, r.number_prefix),
          'register_name', coalesce(r.register_name, r.register_number, r.number_prefix),
          'status', case when r.status = 'active' then 'active' else 'retired' end,
          'suggested_opening_cash', onetill.suggested_opening_cash(r.id, l.currency),
          'open_session', case when (o.shift).id is not null then onetill.session_json(o.shift) end) order by r.register_number, r.id)
        from public.pos_registers r
        -- Register by register: among millions of closed shifts PostgreSQL takes the open ones for one, and would read them all.
        left join lateral (
          select s as shift from public.pos_sessions s where s.register_id = r.id and s.status = 'open' limit 1) o on true
        where r.location_id = l.id), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- Notes that this person is there on this device; most polls find it noted and write nothing.
create or replace function onetill.hear_of(c onetill.caller, s public.pos_sessions) returns void
language plpgsql set search_path = '' as $$
declare v_device uuid;
begin
  if s.status <> 'open' or c.user_id is null then return; end if;
  v_device := onetill.uuid_or_null(onetill.request_header('x-device-id'));
  if v_device is null or exists (select from onetill.seen x where x.session_id = s.id and x.user_id = c.user_id
      and x.device = v_device and x.at > clock_timestamp() - interval '1 minute') then
    return;
  end if;
  insert into onetill.seen as x (session_id, user_id, device, at) values (s.id, c.user_id, v_device, clock_timestamp())
    on conflict (session_id, user_id, device) do update set at = excluded.at;
exception when lock_not_available or serialization_failure or deadlock_detected then
  -- Another poll of the same device notes it at this moment.
  null;
end $$;

-- The poll: a client that already knows the current revision gets an empty answer.
create or replace function public.pos_session(p_session_id uuid, p_known_revision bigint default null) returns jsonb
language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; v_revision bigint;
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  perform onetill.hear_of(c, s);
  perform onetill.hear_receipts(s);
  v_revision := onetill.revision(s);
  if v_revision = p_known_revision then
    return jsonb_build_object('unchanged', true, 'revision', v_revision,
      'server_time', onetill.instant(clock_timestamp()));
  end if;
  return jsonb_build_object('unchanged', false,
    'session', onetill.session_detail_json(c, s, onetill.uuid_or_null(onetill.request_header('idempotency-key')))
      || jsonb_build_object('devices', onetill.devices_json(s)),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- What became of an intent whose reply was lost: the session it opened or joined, or none.
create or replace function public.pos_session_by_key(p_key uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; s public.pos_sessions;
begin
  c := onetill.caller();
  s := onetill.session_of_key(p_key);
  if c.role <> 'service' and s.vendor_id <> c.vendor_id then
    s := null;
  end if;
  return jsonb_build_object(
    'session', case when s.id is not null then onetill.session_detail_json(c, s, p_key) end,
    'server_time', onetill.instant(clock_timestamp()));
end $$;

revoke all on function onetill.expected_cash(uuid), onetill.revision(public.pos_sessions),
  onetill.session_json(public.pos_sessions), onetill.session_detail_json(onetill.caller, public.pos_sessions, uuid),
  onetill.suggested_opening_cash(uuid, text), onetill.movement_rules(public.locations),
  onetill.movement_rules_json(public.locations), onetill.hear_of(onetill.caller, public.pos_sessions) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_whoami()',
  'public.pos_registers(uuid)',
  'public.pos_session(uuid, bigint)',
  'public.pos_session_by_key(uuid)']::regprocedure[]) f;
