-- What a Supabase project brings along, for a bare PostgreSQL: the roles of the API and the caller's claims.
do $$ begin
  if to_regrole('anon') is null then create role anon nologin noinherit; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
  if to_regrole('authenticator') is null then
    create role authenticator login noinherit;
    grant anon, authenticated, service_role to authenticator;
  end if;
end $$;

create schema auth;
create table auth.users (id uuid primary key, email text unique, raw_user_meta_data jsonb, created_at timestamptz default now());
create function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$ select nullif(auth.jwt() ->> 'sub', '')::uuid $$;
create function auth.role() returns text language sql stable as $$ select nullif(auth.jwt() ->> 'role', '') $$;
grant usage on schema auth, public to anon, authenticated, service_role;

-- Older projects grant everything to everybody by default; the migrations have to take it back.
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
