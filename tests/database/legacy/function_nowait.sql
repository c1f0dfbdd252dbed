-- The third function in the field: fifteen other columns, gives up at once on a busy register, open to anonymous callers.
create function get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid default null, p_opening_cash numeric default 200.00)
returns table (
  id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, status text,
  opening_cash numeric, expected_cash numeric, opened_at timestamptz, closed_at timestamptz, is_existing boolean,
  metadata jsonb, created_at timestamptz, updated_at timestamptz)
language plpgsql security definer as $$
declare found_session record; existed boolean := true;
begin
  perform 1 from pos_registers r where r.id = p_register_id for update nowait;
  if not found then raise exception 'Register not found or locked: %', p_register_id; end if;
  select * into found_session from pos_sessions x where x.register_id = p_register_id and x.status = 'open' limit 1;
  if not found then
    existed := false;
    insert into pos_sessions (register_id, location_id, vendor_id, user_id, session_number, status, opening_cash, opened_at)
      values (p_register_id, p_location_id, p_vendor_id, p_user_id,
        'S-' || to_char(now(), 'YYYYMMDD') || '-' || lpad(floor(random() * 1000000)::text, 6, '0'), 'open', p_opening_cash, now())
      returning * into found_session;
  end if;
  return query select found_session.id, found_session.session_number::text, found_session.register_id,
    found_session.location_id, found_session.vendor_id, found_session.user_id, found_session.status,
    found_session.opening_cash, found_session.expected_cash, found_session.opened_at, found_session.closed_at, existed,
    found_session.metadata, found_session.created_at, found_session.updated_at;
end $$;
grant execute on function get_or_create_session to authenticated, service_role, anon;
