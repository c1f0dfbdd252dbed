-- How a session stops being open: counted and closed, ended with the count outstanding, or cancelled unused.
-- Asking twice gives the same answer: a session leaves `open` once and has one Z report.

create or replace function onetill.ending_json(c onetill.caller, s public.pos_sessions, p_outcome text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('outcome', p_outcome, 'session', onetill.session_detail_json(c, s, null),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- The session that this very intent ended, cancelled or closed before, if it did. What is on record is answered from the record,
-- before any right is asked: the day may have turned since, and who asks may work elsewhere.
create or replace function onetill.over_by_key(c onetill.caller, p_session_id uuid, p_key uuid) returns public.pos_sessions
language plpgsql stable set search_path = '' as $$
declare s public.pos_sessions;
begin
  select * into s from public.pos_sessions x where x.id = p_session_id and p_key in (x.end_key, x.close_key)
    and (c.role = 'service' or x.vendor_id = c.vendor_id);
  return s;
end $$;
revoke all on function onetill.over_by_key(onetill.caller, uuid, uuid) from public, anon, authenticated;

-- End now, count later: the register is free at once, the drawer's count stays owed.
-- An earlier business date, and force, need a manager.
create or replace function public.pos_end_session(
  p_key uuid, p_session_id uuid, p_reason text default null, p_force boolean default false)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions;
begin
  c := onetill.caller();
  if p_key is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'Ending a shift needs a key made by the client.');
  end if;
  s := onetill.over_by_key(c, p_session_id, p_key);
  if s.end_key = p_key and s.status <> 'cancelled' then
    return onetill.ending_json(c, s, 'replayed');
  end if;
  s := onetill.require_session(c, p_session_id);
  if p_force or s.business_date < onetill.business_date(s.location_id, clock_timestamp()) then
    perform onetill.require_manager(c);
  end if;
  s := onetill.lock_session(s.id, s.register_id);
  if s.status <> 'open' then
    return onetill.ending_json(c, s, case when s.end_key = p_key then 'replayed' else 'already_over' end);
  end if;
  update public.pos_sessions x set status = 'ended', ended_at = clock_timestamp(), ended_by = c.user_id, end_key = p_key,
      end_reason = left(p_reason, 1000), counting_by = null, counting_since = null, counting_key = null,
      close_kind = case when c.role = 'service' then 'automatic' when p_force then 'force' else 'normal' end
    where x.id = s.id returning * into s;
  return onetill.ending_json(c, s, 'ended');
end $$;

-- Opened by mistake: only while nothing at all happened in it.
create or replace function public.pos_cancel_session(p_key uuid, p_session_id uuid, p_reason text default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions;
begin
  c := onetill.caller();
  if p_key is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'Cancelling a shift needs a key made by the client.');
  end if;
  s := onetill.over_by_key(c, p_session_id, p_key);
  if s.end_key = p_key and s.status = 'cancelled' then
    return onetill.ending_json(c, s, 'replayed');
  end if;
  s := onetill.require_session(c, p_session_id);
  perform onetill.require_fresh_reads();
  s := onetill.lock_session(s.id, s.register_id);
  if s.status <> 'open' then
    if s.status = 'cancelled' then
      return onetill.ending_json(c, s, case when s.end_key = p_key then 'replayed' else 'already_over' end);
    end if;
    perform onetill.fail_over(s);
  end if;
  if coalesce(s.total_sales, 0) <> 0 or coalesce(s.total_cash, 0) <> 0 or coalesce(s.total_card, 0) <> 0
    or coalesce(s.total_transactions, 0) <> 0
    or exists (select from onetill.ledger m where m.session_id = s.id)
    or exists (select from public.pos_counts n where n.session_id = s.id and n.kind = 'closing') then
    perform onetill.fail(409, 'POS_SESSION_NOT_EMPTY', 'This shift has entries; it can be closed, not cancelled.');
  end if;
  update public.pos_sessions x set status = 'cancelled', ended_at = clock_timestamp(), ended_by = c.user_id, end_key = p_key,
      end_reason = left(p_reason, 1000), close_kind = 'normal', was_counted = false,
      counting_by = null, counting_since = null, counting_key = null
    where x.id = s.id returning * into s;
  return onetill.ending_json(c, s, 'cancelled');
end $$;

create or replace function onetill.close_json(s public.pos_sessions, p_outcome text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('outcome', p_outcome, 'session_id', s.id, 'status', s.status,
    'z_report', (select z.report from public.pos_z_reports z where z.session_id = s.id),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- Writes the Z report of a session that was just closed, under the register's next number. Reports are never removed, so the
-- numbers have no gap; two closes at once on one register come one after the other. One that an earlier client closed says so, and
-- what the ledger would have expected beside what that client wrote.
create or replace function onetill.write_z(s public.pos_sessions) returns void
language plpgsql volatile set search_path = '' as $$
declare v_z bigint; v_currency text;
begin
  select l.currency into v_currency from public.locations l where l.id = s.location_id;
  loop
    select coalesce(max(z.z_number), 0) + 1 into v_z from public.pos_z_reports z where z.register_id = s.register_id;
    insert into public.pos_z_reports (session_id, vendor_id, register_id, z_number, report)
      values (s.id, s.vendor_id, s.register_id, v_z, onetill.figures(s) || onetill.addendum(s) || jsonb_build_object(
        'z_number', v_z, 'closed_at', onetill.instant(s.closed_at), 'closed_by_name', coalesce(onetill.staff_name(s.closed_by), ''),
        'ended_at', onetill.instant(s.ended_at), 'ended_by_name', onetill.staff_name(s.ended_by),
        'end_reason', s.end_reason, 'close_kind', s.close_kind, 'was_counted', s.was_counted,
        'expected_cash', onetill.money(s.expected_cash, v_currency),
        'counted_cash', onetill.money(s.closing_cash, v_currency),
        'cash_difference', onetill.money(s.cash_difference, v_currency),
        'count_attempts', (select count(*) from public.pos_counts k where k.session_id = s.id and k.kind = 'closing'),
        'reason', s.closing_notes, 'approved_by_name', onetill.staff_name(s.approved_by),
        'left_in_drawer', onetill.money(s.left_in_drawer, v_currency),
        'taken_out', onetill.money(s.closing_cash - s.left_in_drawer, v_currency))
        || case when s.close_key is null then jsonb_build_object('closed_elsewhere', true,
          'expected_by_ledger', onetill.money(onetill.expected_cash(s.id), v_currency)) else '{}'::jsonb end)
      on conflict (register_id, z_number) do nothing;
    exit when found;
  end loop;
end $$;

-- An earlier client closes by updating the row: that shift gets its Z report, too. Whatever stands in its way, their close goes on.
create or replace function onetill.settle_elsewhere() returns trigger
language plpgsql security definer set search_path = '' as $$
declare v_message text;
begin
  perform onetill.write_z(new);
  return null;
exception when others then
  get stacked diagnostics v_message = message_text;
  insert into onetill.reconciliations (rule, table_name, row_id, note) values ('z_report_missing', 'pos_sessions', new.id, v_message);
  return null;
end $$;
create or replace trigger settle_elsewhere after update of status on public.pos_sessions
  for each row when (new.status = 'closed' and old.status <> 'closed' and new.close_key is null) execute function onetill.settle_elsewhere();

-- Closes with a committed closing count; without one only a manager may settle an ended session, as not counted.
create or replace function public.pos_close_session(
  p_key uuid, p_session_id uuid, p_count_id uuid default null, p_kind text default 'normal',
  p_reason text default null, p_left_in_drawer numeric default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare
  c onetill.caller; s public.pos_sessions; n public.pos_counts; l public.locations;
  v_expected numeric; v_difference numeric; v_reason text := nullif(trim(p_reason), '');
begin
  c := onetill.caller();
  if p_key is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'Closing a shift needs a key made by the client.');
  end if;
  s := onetill.over_by_key(c, p_session_id, p_key);
  if s.close_key = p_key then
    return onetill.close_json(s, 'replayed');
  end if;
  s := onetill.require_session(c, p_session_id);
  perform onetill.require_fresh_reads();
  if p_kind is null or p_kind not in ('normal', 'force', 'automatic') then
    perform onetill.fail(400, 'POS_BAD_CLOSE', 'There is no close of this kind.');
  end if;
  if p_kind <> 'normal' then
    perform onetill.require_manager(c);
  end if;
  s := onetill.lock_session(s.id, s.register_id);
  if s.status = 'closed' then
    return onetill.close_json(s, case when s.close_key = p_key then 'replayed' else 'already_closed' end);
  end if;
  if s.status = 'cancelled' then
    perform onetill.fail_over(s);
  end if;
  if s.status = 'ended' then
    perform onetill.require_manager(c);
  end if;

  select * into l from public.locations x where x.id = s.location_id;
  v_expected := onetill.expected_cash(s.id);
  if p_count_id is null then
    if s.status = 'open' then
      perform onetill.fail(409, 'POS_COUNT_REQUIRED', 'Count the drawer first, or end the shift and count later.');
    end if;
    if v_reason is null then
      perform onetill.fail(422, 'POS_REASON_REQUIRED', 'Settling a shift that nobody counted needs a reason.');
    end if;
  else
    select * into n from public.pos_counts x where x.id = p_count_id and x.session_id = s.id and x.kind = 'closing';
    if not found then
      perform onetill.fail(404, 'POS_COUNT_NOT_FOUND', 'This shift has no such closing count.');
    end if;
    v_difference := n.amount - v_expected;
    if abs(v_difference) > l.variance_limit and n.approved_at is null and not onetill.manages(c) then
      perform onetill.fail(403, 'POS_APPROVAL_REQUIRED', 'A manager must approve this difference.',
        jsonb_build_object('expected_cash', onetill.money(v_expected, l.currency),
          'cash_difference', onetill.money(v_difference, l.currency))::text);
    end if;
    if abs(v_difference) > l.variance_tolerance and v_reason is null then
      perform onetill.fail(422, 'POS_REASON_REQUIRED', 'A difference of this size needs a reason.',
        jsonb_build_object('expected_cash', onetill.money(v_expected, l.currency),
          'cash_difference', onetill.money(v_difference, l.currency))::text);
    end if;
  end if;
  if p_left_in_drawer is not null and (not onetill.is_amount(p_left_in_drawer)
      or p_left_in_drawer <> round(p_left_in_drawer, onetill.currency_scale(l.currency))
      or p_left_in_drawer > coalesce(n.amount, 0)) then
    perform onetill.fail(400, 'POS_BAD_AMOUNT', 'No more can be left in the drawer than was counted.');
  end if;

  update public.pos_sessions x set status = 'closed', closed_at = clock_timestamp(), closed_by = c.user_id, close_key = p_key,
      close_kind = coalesce(s.close_kind, p_kind), was_counted = n.id is not null, closing_cash = n.amount,
      expected_cash = v_expected, cash_difference = v_difference, closing_notes = coalesce(left(v_reason, 1000), x.closing_notes),
      ended_at = coalesce(s.ended_at, clock_timestamp()), ended_by = case when s.ended_at is null then c.user_id else s.ended_by end,
      approved_by = case when abs(v_difference) > l.variance_limit then coalesce(n.approved_by, c.user_id) end,
      left_in_drawer = p_left_in_drawer, counting_by = null, counting_since = null, counting_key = null
    where x.id = s.id returning * into s;
  perform onetill.write_z(s);
  return onetill.close_json(s, 'closed');
end $$;

revoke all on function onetill.write_z(public.pos_sessions), onetill.settle_elsewhere() from public, anon, authenticated;
revoke all on function onetill.ending_json(onetill.caller, public.pos_sessions, text),
  onetill.close_json(public.pos_sessions, text) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_end_session(uuid, uuid, text, boolean)',
  'public.pos_cancel_session(uuid, uuid, text)',
  'public.pos_close_session(uuid, uuid, uuid, text, text, numeric)']::regprocedure[]) f;
