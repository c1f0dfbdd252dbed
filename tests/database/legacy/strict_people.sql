-- Lets the people of the stricter schema sign in; the password is  onetill-demo.
update auth.users set aud = 'authenticated', role = 'authenticated', encrypted_password = '$2b$10$jbriYRYDcurJH9/Y75QtJuJKVXPBTgioyTNfQlSdlypfl1bvCI1x6',
    email_confirmed_at = now(), raw_app_meta_data = '{"provider": "email", "providers": ["email"]}', raw_user_meta_data = '{}',
    is_sso_user = false, is_anonymous = false, created_at = now(), updated_at = now()
  where email like '%@strict.example';
