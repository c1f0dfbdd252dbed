-- The store that the database tests work in: two vendors, so that every rule about strangers has one to refuse.
insert into vendors (id, store_name) values
  ('000000aa-0000-4000-8000-000000000001', 'Tested Store'), ('000000aa-0000-4000-8000-000000000002', 'Strangers');
insert into locations (id, vendor_id, name, timezone, currency) values
  ('000000bb-0000-4000-8000-000000000001', '000000aa-0000-4000-8000-000000000001', 'Main', 'Europe/Berlin', 'EUR'),
  ('000000bb-0000-4000-8000-000000000002', '000000aa-0000-4000-8000-000000000001', 'Second', 'Asia/Tokyo', 'JPY'),
  ('000000bb-0000-4000-8000-000000000003', '000000aa-0000-4000-8000-000000000002', 'Elsewhere', 'UTC', 'USD');
insert into pos_registers (id, vendor_id, location_id, register_number, register_name, status)
  select ('000000dd-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, '000000aa-0000-4000-8000-000000000001',
    '000000bb-0000-4000-8000-000000000001', 'R' || i, 'Register ' || i, case i when 9 then 'retired' else 'active' end
  from generate_series(1, 9) i;
insert into pos_registers (id, vendor_id, location_id, register_number, register_name) values
  ('000000dd-0000-4000-8000-000000000021', '000000aa-0000-4000-8000-000000000001', '000000bb-0000-4000-8000-000000000002', 'R1', 'Same number'),
  ('000000dd-0000-4000-8000-000000000031', '000000aa-0000-4000-8000-000000000002', '000000bb-0000-4000-8000-000000000003', 'X1', 'A stranger''s');
insert into auth.users (id, email)
  select ('000000cc-0000-4000-8000-00000000000' || i)::uuid, 'user' || i || '@test.example' from generate_series(1, 8) i;
insert into pos_staff (user_id, vendor_id, location_id, role, display_name, is_active) values
  ('000000cc-0000-4000-8000-000000000001', '000000aa-0000-4000-8000-000000000001', '000000bb-0000-4000-8000-000000000001', 'cashier', 'Ana', true),
  ('000000cc-0000-4000-8000-000000000002', '000000aa-0000-4000-8000-000000000001', '000000bb-0000-4000-8000-000000000001', 'cashier', 'Ben', true),
  ('000000cc-0000-4000-8000-000000000003', '000000aa-0000-4000-8000-000000000001', null, 'manager', 'Mia', true),
  ('000000cc-0000-4000-8000-000000000004', '000000aa-0000-4000-8000-000000000001', null, 'owner', 'Ola', true),
  ('000000cc-0000-4000-8000-000000000005', '000000aa-0000-4000-8000-000000000001', null, 'cashier', 'Left us', false),
  ('000000cc-0000-4000-8000-000000000006', '000000aa-0000-4000-8000-000000000001', '000000bb-0000-4000-8000-000000000002', 'cashier', 'Hal', true),
  ('000000cc-0000-4000-8000-000000000007', '000000aa-0000-4000-8000-000000000002', null, 'manager', 'Zed', true);
