-- A small store on an earlier database part, with people who can sign in; the password is  onetill-demo.
insert into vendors values ('0000000a-0000-4000-8000-000000000001', 'Field Store');
insert into locations values ('0000000b-0000-4000-8000-000000000001', '0000000a-0000-4000-8000-000000000001', 'High Street');
insert into users values
  ('0000000c-0000-4000-8000-000000000001', '0000000a-0000-4000-8000-000000000001', 'Mina', 'Field', 'mina@field.example', 'store_manager'),
  ('0000000c-0000-4000-8000-000000000002', '0000000a-0000-4000-8000-000000000001', 'Kofi', 'Field', 'kofi@field.example', 'pos_staff'),
  ('0000000c-0000-4000-8000-000000000004', '0000000a-0000-4000-8000-000000000001', 'Cy', 'Buyer', 'cy@buyer.example', 'customer');
insert into pos_registers (id, location_id, vendor_id, register_number, register_name)
  select ('0000000d-0000-4000-8000-00000000000' || i)::uuid, '0000000b-0000-4000-8000-000000000001',
    '0000000a-0000-4000-8000-000000000001', 'REG-' || i, 'Register ' || i from generate_series(1, 3) i;
-- What an earlier client left open, with a column that it never filled in.
insert into pos_sessions (id, register_id, location_id, vendor_id, session_number, opening_cash, opened_at) values
  ('0000000e-0000-4000-8000-000000000301', '0000000d-0000-4000-8000-000000000003', '0000000b-0000-4000-8000-000000000001', null, 'S-20251112-100000', 300, '2025-11-12 10:00+00');
insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
    raw_user_meta_data, is_sso_user, is_anonymous, created_at, updated_at)
  select id, 'authenticated', 'authenticated', email,
    '$2b$10$jbriYRYDcurJH9/Y75QtJuJKVXPBTgioyTNfQlSdlypfl1bvCI1x6', now(),
    '{"provider": "email", "providers": ["email"]}', '{}', false, false, now(), now()
  from users;
