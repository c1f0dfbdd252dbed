-- The figures of a shift. X and Z are the same sheet: X is read at any time, Z is written once, at the close.

create or replace function onetill.figures(s public.pos_sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'session_id', s.id, 'session_number', s.session_number, 'register_id', r.id,
      'register_number', coalesce(r.register_number, r.number_prefix), 'register_name', coalesce(r.register_name, ''),
      'location_name', coalesce(l.name, ''), 'timezone', l.timezone, 'currency', l.currency,
      'vendor_name', (select coalesce(v.store_name, '') from public.vendors v where v.id = s.vendor_id),
      'business_date', s.business_date, 'opened_at', onetill.instant(s.opened_at),
      'opener_name', coalesce(onetill.staff_name(s.opened_by), ''),
      'opening_cash', onetill.money(s.opening_cash, l.currency),
      'totals', jsonb_build_object(
        'total_sales', onetill.money(coalesce(s.total_sales, 0), l.currency),
        'total_transactions', coalesce(s.total_transactions, 0),
        'total_cash', onetill.money(coalesce(s.total_cash, 0), l.currency),
        'total_card', onetill.money(coalesce(s.total_card, 0), l.currency)),
      'movements', coalesce((
        select jsonb_agg(jsonb_build_object('type', g.movement_type, 'count', g.n, 'amount', onetill.money(g.total, l.currency),
            'effect', onetill.money(g.effect, l.currency)) order by g.movement_type)
          -- What earlier clients wrote stands among its like of today; a word that nobody knows stands for itself.
          from (select case when m.reverses is not null then 'reversal' when m.is_known then m.kind else coalesce(m.movement_type, '') end as movement_type,
              count(*) as n, sum(abs(m.amount)) as total, sum(m.effect) as effect
            from onetill.ledger m where m.session_id = s.id group by 1) g), '[]'),
      -- Each movement by itself, in the order in which they came; under the word by which it is summed.
      'entries', coalesce((
        select jsonb_agg(jsonb_build_object(
            'type', case when m.reverses is not null then 'reversal' when m.is_known then m.kind else coalesce(m.movement_type, '') end,
            'amount', onetill.money(abs(m.amount), l.currency), 'effect', onetill.money(m.effect, l.currency),
            'reason', e.reason, 'note', e.notes, 'by_name', coalesce(onetill.staff_name(coalesce(e.recorded_by, e.user_id)), ''),
            'at', onetill.instant(coalesce(e.device_time, e.created_at))) order by e.created_at, e.id)
          from onetill.ledger m join public.pos_cash_movements e on e.id = m.id where m.session_id = s.id), '[]'),
      'participants', coalesce((
        select jsonb_agg(jsonb_build_object('name', coalesce(onetill.staff_name(p.user_id), ''),
            'joined_at', onetill.instant(p.joined_at)) order by p.joined_at, p.user_id)
          from (select j.user_id, min(j.joined_at) as joined_at from public.pos_session_participants j
            where j.session_id = s.id group by j.user_id) p), '[]'),
      'counts', coalesce((
        select jsonb_agg(jsonb_build_object('kind', n.kind, 'amount', onetill.money(n.amount, l.currency),
            'denominations', n.denominations, 'by_name', coalesce(onetill.staff_name(n.user_id), ''), 'counted_at', onetill.instant(n.created_at),
            'approved_by_name', onetill.staff_name(n.approved_by)) order by n.created_at, n.id)
          from public.pos_counts n where n.session_id = s.id), '[]')) || onetill.sales_of_shift(s)
    from public.pos_registers r join public.locations l on l.id = r.location_id where r.id = s.register_id);
end $$;

create or replace function public.pos_x_report(p_session_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; s public.pos_sessions; v_detail jsonb;
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  v_detail := onetill.session_detail_json(c, s, null);
  return onetill.figures(s) || jsonb_build_object(
    'status', s.status, 'expected_cash', v_detail -> 'expected_cash', 'revision', v_detail -> 'revision',
    'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function public.pos_z_report(p_session_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; s public.pos_sessions; v_report jsonb;
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  select z.report into v_report from public.pos_z_reports z where z.session_id = s.id;
  if v_report is null then
    perform onetill.fail(409, 'POS_NOT_CLOSED', 'This shift has no Z report: it is ' || s.status || '.');
  end if;
  return jsonb_build_object('z_report', v_report, 'server_time', onetill.instant(clock_timestamp()));
end $$;

-- Who works on a shift on which device, and when they were last heard of there; null where a device never told.
create or replace function onetill.devices_json(s public.pos_sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_agg(jsonb_build_object('device', who.device, 'by_name', coalesce(onetill.staff_name(who.user_id), ''),
        'last_seen', onetill.instant(x.at)) order by x.at desc nulls last, who.device, who.user_id)
      from (
        select s.opened_by as user_id, s.device
        union select j.user_id, j.device from public.pos_session_participants j where j.session_id = s.id
        union select y.user_id, y.device from onetill.seen y where y.session_id = s.id) who
      left join onetill.seen x on x.session_id = s.id and x.user_id = who.user_id and x.device = who.device);
end $$;

-- Every register of a location at a glance, and the shifts whose count is outstanding. For managers.
create or replace function public.pos_board(p_location_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare c onetill.caller; l public.locations;
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  l := onetill.require_location(c, p_location_id);
  return jsonb_build_object(
    'location_id', l.id, 'business_date', onetill.business_date(l.id, clock_timestamp()),
    'registers', coalesce((
      select jsonb_agg(jsonb_build_object(
          'id', r.id, 'register_number', coalesce(r.register_number, r.number_prefix),
          'register_name', coalesce(r.register_name, r.register_number, r.number_prefix),
          'status', case when r.status = 'active' then 'active' else 'retired' end,
          'open_session', case when (o.shift).id is not null then
            onetill.session_detail_json(c, o.shift, null) || jsonb_build_object('devices', onetill.devices_json(o.shift)) end,
          'uncounted', coalesce((
            select jsonb_agg(onetill.session_detail_json(c, e, null) order by e.opened_at)
              from public.pos_sessions e where e.register_id = r.id and e.status = 'ended'), '[]'),
          'last_close', (
            select jsonb_build_object('session_id', z.session_id, 'z_number', z.z_number,
                'closed_at', onetill.instant(z.created_at), 'cash_difference', z.report -> 'cash_difference')
              from public.pos_z_reports z where z.register_id = r.id order by z.z_number desc limit 1)) || onetill.sales_of_register(r)
          order by r.register_number, r.id)
        from public.pos_registers r
        -- Register by register, as in pos_registers.
        left join lateral (
          select s as shift from public.pos_sessions s where s.register_id = r.id and s.status = 'open' limit 1) o on true
        where r.location_id = l.id), '[]'),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- The end of a day: the Z reports of a business date as they were written, and what is still open or uncounted.
-- Without a date it is today's. For managers.
-- With a long past PostgreSQL takes the days between two unknown dates for many, and would plan anew in every call.
create or replace function public.pos_day(p_location_id uuid, p_business_date date default null) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare c onetill.caller; l public.locations; v_date date;
begin
  c := onetill.caller();
  perform onetill.require_manager(c);
  l := onetill.require_location(c, p_location_id);
  v_date := coalesce(p_business_date, onetill.business_date(l.id, clock_timestamp()));
  return (
    select jsonb_build_object(
        'location_id', l.id, 'business_date', v_date,
        'z_reports', coalesce(jsonb_agg(z.report order by z.report ->> 'register_number', z.register_id, z.z_number)
          filter (where z.session_id is not null), '[]'),
        'uncounted', coalesce(jsonb_agg(onetill.session_detail_json(c, s, null) order by s.opened_at)
          filter (where s.status = 'ended'), '[]'),
        'open', coalesce(jsonb_agg(onetill.session_detail_json(c, s, null) order by s.opened_at)
          filter (where s.status = 'open'), '[]'),
        'server_time', onetill.instant(clock_timestamp())) || onetill.sales_of_day(l, v_date)
      from public.pos_registers r
      -- The business date follows from the time of opening, and that is what the index has.
      join public.pos_sessions s on s.register_id = r.id and s.location_id = r.location_id and s.vendor_id = r.vendor_id
        and s.opened_at >= v_date - interval '2 days' and s.opened_at < v_date + interval '3 days'
        and s.business_date = v_date
      left join public.pos_z_reports z on z.session_id = s.id
      where r.location_id = l.id);
end $$;

revoke all on function onetill.devices_json(public.pos_sessions) from public, anon, authenticated;
revoke all on function onetill.figures(public.pos_sessions) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_x_report(uuid)',
  'public.pos_z_report(uuid)',
  'public.pos_board(uuid)',
  'public.pos_day(uuid, date)']::regprocedure[]) f;
