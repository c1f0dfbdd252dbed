-- The second function in the field: the table's own row type, a number from the clock and chance.
create function get_or_create_session(
  p_register_id uuid, p_location_id uuid, p_vendor_id uuid, p_user_id uuid, p_opening_cash decimal default 200.00)
returns setof pos_sessions language plpgsql security definer as $$
declare found_session pos_sessions;
begin
  perform 1 from pos_registers r where r.id = p_register_id for update;
  select * into found_session from pos_sessions x where x.register_id = p_register_id and x.status = 'open' limit 1;
  if found_session.id is null then
    insert into pos_sessions (register_id, location_id, vendor_id, user_id, session_number, status, opening_cash, opened_at, last_transaction_at)
      values (p_register_id, p_location_id, p_vendor_id, p_user_id,
        'S-' || (extract(epoch from clock_timestamp()) * 1000)::bigint || '-' || lpad(floor(random() * 10000)::text, 4, '0'),
        'open', p_opening_cash, now(), now())
      returning * into found_session;
  end if;
  return next found_session;
end $$;
grant execute on function get_or_create_session to authenticated, service_role;
