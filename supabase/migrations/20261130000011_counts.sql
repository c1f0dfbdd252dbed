-- Counting the drawer. A count is committed before the expected amount is shown, and every attempt is kept.

create or replace function onetill.count_json(c onetill.caller, n public.pos_counts) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', n.id, 'session_id', n.session_id, 'kind', n.kind, 'amount', onetill.money(n.amount, l.currency),
      'by_name', coalesce(onetill.staff_name(n.user_id), ''), 'counted_at', onetill.instant(n.created_at),
      'approved_by_name', onetill.staff_name(n.approved_by))
      || case when n.kind = 'closing' or onetill.manages(c) then jsonb_build_object(
        'expected_cash', onetill.money(n.expected, l.currency),
        'cash_difference', onetill.money(n.amount - n.expected, l.currency),
        'needs', case
          when abs(n.amount - n.expected) > l.variance_limit and n.approved_at is null and not onetill.manages(c) then 'approval'
          when abs(n.amount - n.expected) > l.variance_tolerance then 'reason' end)
      else '{"expected_cash": null, "cash_difference": null, "needs": null}'::jsonb end
    from public.pos_sessions s join public.locations l on l.id = s.location_id where s.id = n.session_id);
end $$;

create or replace function onetill.fail_counting(s public.pos_sessions) returns void
language plpgsql set search_path = '' as $$
begin
  perform onetill.fail(409, 'POS_COUNT_IN_PROGRESS', 'Somebody else is counting this drawer.',
    jsonb_build_object('by_name', onetill.staff_name(s.counting_by), 'since', onetill.instant(s.counting_since))::text);
end $$;

-- While a count is under way the other devices finish what they are doing and start nothing new. Whoever counts may go
-- on at another device; anybody else's count is a manager's to take over. A key begins one count, and none once it was
-- refused: a duplicate of its request that the network delayed begins no count that nobody would sit at. Hence a refusal
-- is an outcome: an error would take back what remembers it.
create or replace function public.pos_begin_count(p_key uuid, p_session_id uuid, p_take_over boolean default false)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; v_outcome text := 'counting';
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  if p_key is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'A count needs a key made by the client.');
  end if;
  s := onetill.lock_session(s.id, s.register_id);
  if s.status <> 'open' then
    perform onetill.fail_over(s);
  end if;
  if s.counting_key = p_key then
    v_outcome := 'replayed';
  elsif s.counting_since is not null
    and not (coalesce(p_take_over, false) and (s.counting_by is not distinct from c.user_id or onetill.manages(c))) then
    v_outcome := 'in_progress';
    if p_key <> all (s.count_keys) then
      update public.pos_sessions x set count_keys = x.count_keys || p_key where x.id = s.id returning * into s;
    end if;
  elsif p_key = any (s.count_keys) then
    perform onetill.fail(422, 'POS_KEY_REUSED', 'The count that this key began is over, or none was begun.');
  else
    update public.pos_sessions x set counting_by = c.user_id, counting_since = clock_timestamp(), counting_key = p_key,
        count_keys = x.count_keys || p_key
      where x.id = s.id returning * into s;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'session', onetill.session_detail_json(c, s, null),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

create or replace function public.pos_abandon_count(p_key uuid, p_session_id uuid)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; v_outcome text := 'abandoned';
begin
  c := onetill.caller();
  s := onetill.require_session(c, p_session_id);
  s := onetill.lock_session(s.id, s.register_id);
  if s.status <> 'open' or s.counting_since is null then
    v_outcome := 'not_counting';
  else
    if s.counting_key is distinct from p_key and not onetill.manages(c) then
      perform onetill.fail_counting(s);
    end if;
    update public.pos_sessions x set counting_by = null, counting_since = null, counting_key = null
      where x.id = s.id returning * into s;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'session', onetill.session_detail_json(c, s, null),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

-- The pieces {"20.00": 3, "0.25": 4} must add up to the amount; null where the drawer was counted in one sum.
create or replace function onetill.check_denominations(p_pieces jsonb, p_amount numeric) returns void
language plpgsql immutable set search_path = '' as $$
declare v_sum numeric;
begin
  if p_pieces is null or p_pieces = 'null'::jsonb then return; end if;
  begin
    select coalesce(sum(p.key::numeric * p.value::bigint), 0) into v_sum from jsonb_each_text(p_pieces) p
      where p.value::bigint >= 0 and p.key::numeric > 0;
  exception when others then
    perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The denominations are not pieces by face value.');
  end;
  if v_sum <> p_amount then
    perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The denominations do not add up to the amount.');
  end if;
end $$;

-- The answer to a commit, where the count on record is the one that was asked for.
create or replace function onetill.counted_json(
  c onetill.caller, s public.pos_sessions, n public.pos_counts, p_session_id uuid, p_kind text, p_amount numeric, p_outcome text)
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  if (n.session_id, n.kind, n.amount) is distinct from (p_session_id, p_kind, p_amount) then
    perform onetill.fail(422, 'POS_KEY_REUSED', 'This id was used for another count.');
  end if;
  return jsonb_build_object('outcome', p_outcome, 'count', onetill.count_json(c, n), 'revision', onetill.revision(s),
    'server_time', onetill.instant(clock_timestamp()));
end $$;
revoke all on function onetill.counted_json(onetill.caller, public.pos_sessions, public.pos_counts, uuid, text, numeric, text)
  from public, anon, authenticated;

create or replace function public.pos_commit_count(
  p_id uuid, p_session_id uuid, p_kind text, p_amount numeric,
  p_denominations jsonb default null, p_note text default null, p_device_time timestamptz default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; n public.pos_counts; v_currency text; v_outcome text := 'replayed';
begin
  c := onetill.caller();
  if p_id is null then
    perform onetill.fail(400, 'POS_BAD_KEY', 'A count needs an id made by the client.');
  end if;
  -- What is on record is answered from the record, before any right is asked.
  select * into n from public.pos_counts x where x.id = p_id and (c.role = 'service' or x.vendor_id = c.vendor_id);
  if found then
    select * into s from public.pos_sessions x where x.id = n.session_id;
    return onetill.counted_json(c, s, n, p_session_id, p_kind, p_amount, 'replayed');
  end if;
  s := onetill.require_session(c, p_session_id);
  select l.currency into v_currency from public.locations l where l.id = s.location_id;
  if p_kind is null or p_kind not in ('opening', 'spot', 'closing') then
    perform onetill.fail(400, 'POS_BAD_COUNT', 'There is no count of this kind.');
  end if;
  if not onetill.is_amount(p_amount) or p_amount <> round(p_amount, onetill.currency_scale(v_currency)) then
    perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The counted amount is not an amount of this currency.');
  end if;
  -- Some gateways hand an object over as a text with JSON in it.
  if jsonb_typeof(p_denominations) = 'string' then
    begin
      p_denominations := (p_denominations #>> '{}')::jsonb;
    exception when others then
      perform onetill.fail(400, 'POS_BAD_AMOUNT', 'The denominations are not pieces by face value.');
    end;
  end if;
  perform onetill.check_denominations(p_denominations, p_amount);

  begin
    -- FOR SHARE: the shift cannot close between this check and the count.
    select * into s from public.pos_sessions x where x.id = s.id for share;
    select * into n from public.pos_counts x where x.id = p_id;
    if not found then
      if s.status not in ('open', 'ended') or (s.status = 'ended' and p_kind <> 'closing') then
        perform onetill.fail_over(s);
      end if;
      if s.status = 'ended' then
        perform onetill.require_manager(c);
      end if;
      insert into public.pos_counts (id, session_id, vendor_id, kind, amount, denominations, note, expected, user_id,
          device, device_time)
        values (p_id, s.id, s.vendor_id, p_kind, p_amount, nullif(p_denominations, 'null'::jsonb), left(p_note, 1000),
          onetill.expected_cash(s.id), c.user_id, onetill.uuid_or_null(onetill.request_header('x-device-id')), p_device_time)
        on conflict (id) do nothing
        returning * into n;
      if found then
        v_outcome := 'counted';
      else
        select * into n from public.pos_counts x where x.id = p_id;
      end if;
    end if;
  exception when lock_not_available or serialization_failure or deadlock_detected then
    perform onetill.fail_busy();
  end;
  return onetill.counted_json(c, s, n, p_session_id, p_kind, p_amount, v_outcome);
end $$;

-- A manager, signed in anywhere, accepts the difference of a closing count; then anybody may close with it.
create or replace function public.pos_approve_count(p_count_id uuid, p_note text default null)
returns jsonb language plpgsql volatile security definer
set search_path = '' set lock_timeout = '2s' set default_transaction_isolation = 'read committed' as $$
declare c onetill.caller; s public.pos_sessions; n public.pos_counts; v_outcome text := 'replayed';
begin
  c := onetill.caller();
  select * into n from public.pos_counts x where x.id = p_count_id and x.kind = 'closing'
    and (c.role = 'service' or x.vendor_id = c.vendor_id);
  -- Who approved it is answered from the record, whatever they may do by now.
  if n.approved_at is null or n.approved_by is distinct from c.user_id then
    perform onetill.require_manager(c);
    if n.id is null then
      perform onetill.fail(404, 'POS_COUNT_NOT_FOUND', 'There is no such count.');
    end if;
    s := onetill.require_session(c, n.session_id);
  end if;
  if n.approved_at is null then
    s := onetill.lock_session(s.id, s.register_id);
    if s.status not in ('open', 'ended') then
      perform onetill.fail_over(s);
    end if;
    update public.pos_counts x set approved_by = c.user_id, approved_at = clock_timestamp(), approval_note = left(p_note, 1000)
      where x.id = n.id and x.approved_at is null;
    if found then
      v_outcome := 'approved';
    end if;
    select * into n from public.pos_counts x where x.id = n.id;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'count', onetill.count_json(c, n),
    'server_time', onetill.instant(clock_timestamp()));
end $$;

revoke all on function onetill.count_json(onetill.caller, public.pos_counts), onetill.fail_counting(public.pos_sessions),
  onetill.check_denominations(jsonb, numeric) from public, anon, authenticated;
select onetill.publish(f) from unnest(array[
  'public.pos_begin_count(uuid, uuid, boolean)',
  'public.pos_abandon_count(uuid, uuid)',
  'public.pos_commit_count(uuid, uuid, text, numeric, jsonb, text, timestamptz)',
  'public.pos_approve_count(uuid, text)']::regprocedure[]) f;
