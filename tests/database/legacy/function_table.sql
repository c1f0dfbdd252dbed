-- The first function in the field: sixteen columns, always the register's row lock, a number per second.
-- The benchmark's baseline.
create or replace function get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash decimal default 200.00)
returns table (
  id uuid, session_number text, register_id uuid, location_id uuid, vendor_id uuid, user_id uuid, status text,
  opening_cash decimal, total_sales decimal, total_transactions integer, total_cash decimal, total_card decimal,
  walk_in_sales decimal, pickup_orders_fulfilled integer, opened_at timestamptz, last_transaction_at timestamptz)
language plpgsql security definer as $$
declare found_session record; new_number text;
begin
  perform * from pos_registers where pos_registers.id = p_register_id for update;
  select * into found_session from pos_sessions
    where pos_sessions.register_id = p_register_id and pos_sessions.status = 'open' limit 1;
  if found_session.id is null then
    new_number := 'S-' || to_char(now(), 'YYYYMMDD-HH24MISS');
    insert into pos_sessions (register_id, location_id, vendor_id, user_id, session_number, status, opening_cash, opened_at, last_transaction_at)
      values (p_register_id, p_location_id, p_vendor_id, p_user_id, new_number, 'open', p_opening_cash, now(), now())
      returning * into found_session;
  end if;
  return query select found_session.id, found_session.session_number::text, found_session.register_id,
    found_session.location_id, found_session.vendor_id, found_session.user_id, found_session.status,
    found_session.opening_cash, found_session.total_sales, found_session.total_transactions, found_session.total_cash,
    found_session.total_card, found_session.walk_in_sales::decimal, found_session.pickup_orders_fulfilled,
    found_session.opened_at, found_session.last_transaction_at;
end $$;
grant execute on function get_or_create_session to authenticated, service_role;
