-- Row level security as such a project has it: people of a vendor read what is the vendor's.
create function my_vendor() returns uuid language sql stable security definer set search_path = public as $$
  select vendor_id from users where id = auth.uid()
$$;
alter table vendors enable row level security;
alter table locations enable row level security;
alter table users enable row level security;
alter table pos_registers enable row level security;
alter table pos_sessions enable row level security;
alter table pos_cash_movements enable row level security;
create policy own on vendors for select to authenticated using (id = my_vendor());
create policy own on locations for select to authenticated using (vendor_id = my_vendor());
create policy own on users for select to authenticated using (vendor_id = my_vendor());
create policy own on pos_registers for select to authenticated using (vendor_id = my_vendor());
create policy own on pos_sessions for all to authenticated using (vendor_id = my_vendor());
create policy own on pos_cash_movements for all to authenticated using (vendor_id = my_vendor());
grant select on vendors, locations, users, pos_registers to authenticated;
grant select, insert, update on pos_sessions, pos_cash_movements to authenticated;
