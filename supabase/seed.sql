-- A demo store to try everything on: two locations, four registers (one retired), four people.
-- Everybody signs in with the password  onetill-demo  (public: never load this file into a real store's project).
-- Loading it again changes nothing.

insert into public.vendors (id, store_name) values
  ('0e711100-0000-4000-8000-00000000000a', 'Corner & Quay')
on conflict do nothing;

insert into public.locations (id, vendor_id, name, timezone, currency, business_day_cutoff) values
  ('0e711100-0000-4000-8000-0000000000b1', '0e711100-0000-4000-8000-00000000000a', 'Market Street', 'America/New_York', 'USD', '04:00'),
  ('0e711100-0000-4000-8000-0000000000b2', '0e711100-0000-4000-8000-00000000000a', 'Harbor', 'America/Los_Angeles', 'USD', '03:00')
on conflict do nothing;

insert into public.pos_registers (id, vendor_id, location_id, register_number, register_name, status) values
  ('0e711100-0000-4000-8000-000000000101', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', 'M1', 'Front counter', 'active'),
  ('0e711100-0000-4000-8000-000000000102', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', 'M2', 'Bakery', 'active'),
  ('0e711100-0000-4000-8000-000000000103', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', 'M3', 'Old kiosk', 'retired'),
  ('0e711100-0000-4000-8000-000000000201', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b2', 'H1', 'Boat shed', 'active')
on conflict do nothing;

-- What the store asks of its movements and its counts, so that the demo shows limits and reasons of its own.
insert into public.pos_movement_rules (vendor_id, location_id, movement_type, cashier_limit, reasons) values
  ('0e711100-0000-4000-8000-00000000000a', null, 'pay_out', 200.00, array['Window cleaner', 'Stamps', 'Flour for the bakery', 'Refund']),
  ('0e711100-0000-4000-8000-00000000000a', null, 'pay_in', 500.00, array['Change from the bank', 'Voucher sold']),
  ('0e711100-0000-4000-8000-00000000000a', null, 'no_sale', null, array['Give change', 'Check a note'])
on conflict do nothing;
update public.locations set difference_reasons = array['Wrong change given', 'Coin roll was short', 'Entry forgotten', 'Cause not found']
  where id = '0e711100-0000-4000-8000-0000000000b1' and difference_reasons is null;

-- People who can sign in. The columns of auth.users and auth.identities differ between versions of the auth server,
-- so each row is written through the columns that this one has.
do $$
declare
  p jsonb; v_row jsonb; v_table regclass; v_columns text;
  v_password constant text := '$2b$10$jbriYRYDcurJH9/Y75QtJuJKVXPBTgioyTNfQlSdlypfl1bvCI1x6';
begin
  for p in select * from jsonb_array_elements('[
      {"id": "0e711100-0000-4000-8000-0000000000c1", "email": "olivia@demo.onetill.example", "name": "Olivia Owner", "role": "owner"},
      {"id": "0e711100-0000-4000-8000-0000000000c2", "email": "mara@demo.onetill.example", "name": "Mara Manager", "role": "manager"},
      {"id": "0e711100-0000-4000-8000-0000000000c3", "email": "ana@demo.onetill.example", "name": "Ana Cashier", "role": "cashier"},
      {"id": "0e711100-0000-4000-8000-0000000000c4", "email": "ben@demo.onetill.example", "name": "Ben Cashier", "role": "cashier"}]') loop
    for v_table, v_row in values
      ('auth.users'::regclass, jsonb_build_object(
        'id', p ->> 'id', 'instance_id', '00000000-0000-0000-0000-000000000000', 'aud', 'authenticated',
        'role', 'authenticated', 'email', p ->> 'email', 'encrypted_password', v_password, 'email_confirmed_at', now(),
        'raw_app_meta_data', '{"provider": "email", "providers": ["email"]}'::jsonb,
        'raw_user_meta_data', jsonb_build_object('name', p ->> 'name', 'email', p ->> 'email', 'email_verified', true, 'sub', p ->> 'id'),
        'is_sso_user', false, 'is_anonymous', false, 'created_at', now(), 'updated_at', now(),
        'confirmation_token', '', 'recovery_token', '', 'email_change', '', 'email_change_token_new', '',
        'email_change_token_current', '', 'reauthentication_token', '', 'phone_change', '', 'phone_change_token', '')),
      (to_regclass('auth.identities'), jsonb_build_object(
        'id', p ->> 'id', 'provider', 'email', 'provider_id', p ->> 'id', 'user_id', p ->> 'id',
        'identity_data', jsonb_build_object('sub', p ->> 'id', 'email', p ->> 'email', 'email_verified', true),
        'last_sign_in_at', now(), 'created_at', now(), 'updated_at', now()))
    loop
      continue when v_table is null;
      select string_agg(quote_ident(a.attname), ', ') into v_columns from pg_attribute a
        where a.attrelid = v_table and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and v_row ? a.attname;
      execute format('insert into %s (%s) select %s from jsonb_populate_record(null::%s, $1) on conflict do nothing',
        v_table, v_columns, v_columns, v_table) using v_row;
    end loop;
  end loop;
end $$;

insert into public.pos_staff (user_id, vendor_id, location_id, role, display_name) values
  ('0e711100-0000-4000-8000-0000000000c1', '0e711100-0000-4000-8000-00000000000a', null, 'owner', 'Olivia'),
  ('0e711100-0000-4000-8000-0000000000c2', '0e711100-0000-4000-8000-00000000000a', null, 'manager', 'Mara'),
  ('0e711100-0000-4000-8000-0000000000c3', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', 'cashier', 'Ana'),
  ('0e711100-0000-4000-8000-0000000000c4', '0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', 'cashier', 'Ben')
on conflict do nothing;
