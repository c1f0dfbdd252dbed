-- Brings the rows of an older database under the register's rules. No row is deleted and no amount is changed;
-- every change is kept in onetill.reconciliations with the row as it was, and each rule prints one notice.
-- On an empty project, and on the second run, there is nothing to do. Each rule is one statement over all its rows.

-- What the shop's own constraints put off until the end is looked at with each statement: a table with something
-- outstanding could not be changed any further.
set constraints all immediate;

create or replace function onetill.report_rule(p_rule text, p_table text, p_rows bigint, p_note text) returns void
language plpgsql set search_path = '' as $$
begin
  if p_rows > 0 then
    raise notice 'onetill: % %: % %, %', p_rule, p_table, p_rows, case when p_rows = 1 then 'row' else 'rows' end, p_note;
  end if;
end $$;

-- Does this index let a register have one open session and no more?
create or replace function onetill.open_index_is_right(p_index regclass) returns boolean
language sql stable set search_path = '' set quote_all_identifiers = off as $$
  select coalesce((
    select i.indisvalid and i.indisready and i.indisunique and i.indimmediate and i.indnatts = 1
        and i.indrelid = to_regclass('public.pos_sessions') and a.attname = 'register_id'
        -- status may be text or varchar: the printed condition differs in its casts only.
        and regexp_replace(pg_get_expr(i.indpred, i.indrelid), '::(text|character varying|bpchar)|[()\s]', '', 'g') = 'status=''open'''
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indexrelid = p_index), false)
$$;

-- A row for what belongs nowhere, with some text in every column that may not be empty.
create or replace function onetill.add_place(p_table text, p_values jsonb) returns uuid
language plpgsql set search_path = '' as $$
declare v_id uuid := gen_random_uuid(); v_row jsonb; v_columns text;
begin
  select jsonb_build_object('id', v_id) || coalesce(jsonb_object_agg(a.attname, left('unassigned-' || v_id, coalesce(nullif(a.atttypmod, -1) - 4, 80))), '{}'::jsonb) || p_values into v_row
    from pg_catalog.pg_attribute a join pg_catalog.pg_type y on y.oid = a.atttypid
    where a.attrelid = format('public.%I', p_table)::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
      and a.attidentity = '' and a.attgenerated = '' and y.typcategory = 'S';
  select string_agg(quote_ident(k), ', ') into v_columns from jsonb_object_keys(v_row) k;
  execute format('insert into public.%I (%s) select %s from jsonb_populate_record(null::public.%I, $1)', p_table, v_columns, v_columns, p_table) using v_row;
  perform onetill.reconciled('place_added', p_table, v_id, null, 'holds what belongs nowhere');
  return v_id;
end $$;

create or replace function onetill.unassigned_vendor() returns uuid
language plpgsql set search_path = '' as $$
begin
  return coalesce((select x.id from public.vendors x where x.store_name = 'Unassigned' order by x.id limit 1),
    onetill.add_place('vendors', '{"store_name": "Unassigned"}'));
end $$;

create or replace function onetill.unassigned_location(p_vendor_id uuid) returns uuid
language plpgsql set search_path = '' as $$
begin
  return coalesce((select x.id from public.locations x where x.vendor_id = p_vendor_id and x.name = 'Unassigned' order by x.id limit 1),
    onetill.add_place('locations', jsonb_build_object('vendor_id', p_vendor_id, 'name', 'Unassigned')));
end $$;

create or replace function onetill.unassigned_register(p_vendor_id uuid, p_location_id uuid) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_there uuid := (select x.id from public.pos_registers x
    where x.location_id = p_location_id and x.register_number like 'UNASSIGNED%' and x.status <> 'active' order by x.id limit 1);
  v_row jsonb := jsonb_build_object('vendor_id', p_vendor_id, 'location_id', p_location_id, 'status', 'retired', 'register_name', 'Shifts without a register');
begin
  return coalesce(v_there, onetill.add_place('pos_registers', v_row || '{"register_number": "UNASSIGNED"}'::jsonb));
exception when unique_violation then
  -- The shop wants register numbers unlike in more than one location.
  return onetill.add_place('pos_registers', v_row || jsonb_build_object('register_number', 'UNASSIGNED-' || left(p_location_id::text, 8)));
end $$;

-- What a register's session numbers start with: its own number, and a suffix where another register of the vendor has it
-- already; of any vendor where the database wants session numbers to be unlike in the whole table.
create or replace function onetill.free_prefix(p_vendor_id uuid, p_number text) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_prefix text := left(p_number, 24); v_try integer := 1;
  v_everywhere boolean := exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = 'public.pos_sessions'::regclass and i.indisunique and i.indnkeyatts = 1 and a.attname = 'session_number');
begin
  while exists (select from public.pos_registers r where (v_everywhere or r.vendor_id = p_vendor_id) and r.number_prefix = v_prefix) loop
    v_try := v_try + 1;
    v_prefix := left(p_number, 20) || '-' || v_try;
  end loop;
  return v_prefix;
end $$;

-- The project's own login names the owner: nobody else can, before there is one. Repeating it changes nothing.
create or replace function onetill.appoint_owner(p_email text, p_vendor_id uuid default null) returns text
language plpgsql set search_path = '' as $$
declare v_login uuid; v_vendor uuid; v_name text;
begin
  select a.id into v_login from auth.users a where lower(a.email) = lower(trim(p_email)) order by a.id limit 1;
  if v_login is null then
    raise exception 'onetill: there is no account % in the project''s Auth: create it there first', p_email;
  end if;
  select coalesce(p_vendor_id, st.vendor_id), nullif(st.display_name, '') into v_vendor, v_name from public.pos_staff st where st.user_id = v_login;
  if v_vendor is null then
    v_vendor := coalesce(p_vendor_id, (select min(v.id::text)::uuid from public.vendors v having count(*) = 1));
  end if;
  if v_vendor is null then
    raise exception 'onetill: name the shop as well, as the second argument: there is not exactly one in public.vendors';
  end if;
  insert into public.pos_staff as st (user_id, vendor_id, role, display_name, person_id) values (v_login, v_vendor, 'owner', coalesce(v_name, p_email), onetill.person_key(v_login))
    on conflict (user_id) do update set vendor_id = excluded.vendor_id, location_id = null, role = 'owner', is_active = true
      where (st.vendor_id, st.role, st.is_active) is distinct from (excluded.vendor_id, 'owner', true);
  if found then
    perform onetill.reconciled('owner_appointed', 'pos_staff', v_login, null, p_email || ' by ' || session_user);
  end if;
  return p_email || ' is an owner';
end $$;

revoke all on function onetill.report_rule(text, text, bigint, text), onetill.open_index_is_right(regclass), onetill.add_place(text, jsonb),
  onetill.unassigned_vendor(), onetill.unassigned_location(uuid), onetill.unassigned_register(uuid, uuid), onetill.free_prefix(uuid, text),
  onetill.appoint_owner(text, uuid) from public, anon, authenticated;

-- A vendor whose locations are there and whose row is gone.
do $$
declare x record; v_rows bigint := 0;
begin
  for x in select distinct l.vendor_id as id from public.locations l
      where l.vendor_id is not null and not exists (select from public.vendors v where v.id = l.vendor_id) order by 1 loop
    perform onetill.add_place('vendors', jsonb_build_object('id', x.id, 'store_name', 'Vendor ' || left(x.id::text, 8)));
    v_rows := v_rows + 1;
  end loop;
  perform onetill.report_rule('vendor_missing', 'vendors', v_rows, 'added again, because locations name them');
end $$;

-- Staff, from the shop's own `users`, once. Nobody gets a right that `users` does not give plainly, and none at all where
-- callers of the API may write that table. Whoever opened a shift or moved cash keeps their name, login or not.
do $$
declare
  v_keys record; u record; v_trusted boolean; v_role text; v_active boolean; v_added bigint := 0; v_waiting bigint := 0; v_location uuid;
begin
  select * into v_keys from onetill.users_keys();
  if not onetill.users_are_staff() or exists (select from onetill.reconciliations r where r.rule in ('staff_imported', 'staff_added')) then
    return;
  end if;
  v_trusted := not onetill.api_may_write('public.users');
  for u in execute format($sql$
      with doers(person) as (select s.user_id from public.pos_sessions s union select m.user_id from public.pos_cash_movements m)
      select x.id as key, x.login, to_jsonb(x.whole) as was, lower(coalesce(to_jsonb(x.whole) ->> 'role', '')) as role, x.vendor_id, a.id is not null as signs_in,
          d.person is not null as did
        from (select %1$s as id, y.%2$I as login, y.vendor_id, y as whole from public.users y where y.vendor_id is not null) x
        left join auth.users a on a.id = x.login
        left join doers d on d.person = coalesce(x.id, x.login)
        where exists (select from public.vendors v where v.id = x.vendor_id)
          and (d.person is not null or (a.id is not null and coalesce(to_jsonb(x.whole) ->> 'role', '') <> ''
            and lower(to_jsonb(x.whole) ->> 'role') not in ('customer', 'guest', 'client', 'user', 'member')))
        order by 1$sql$, case when v_keys.person is null then 'null::uuid' else format('y.%I', v_keys.person) end, v_keys.login) loop
    v_role := case when u.role in ('owner', 'vendor_owner', 'store_owner', 'shop_owner') then 'owner'
      when u.role in ('manager', 'store_manager', 'shop_manager', 'vendor_manager', 'location_manager', 'pos_manager', 'admin', 'vendor_admin', 'store_admin') then 'manager'
      when u.role in ('cashier', 'pos_cashier', 'pos_staff', 'staff', 'vendor_staff', 'store_staff', 'employee') then 'cashier' end;
    v_active := v_trusted and u.signs_in and v_role is not null and coalesce((u.was ->> 'is_active') not in ('false', 'f', '0'), true)
      and coalesce(u.was ->> 'status', 'active') = 'active';
    v_location := null;
    if v_active and v_role <> 'owner' and to_regclass('public.user_locations') is not null then
      begin
        execute 'select min(x.location_id::text)::uuid from public.user_locations x join public.locations l on l.id = x.location_id and l.vendor_id = $2
          where x.user_id = $1 having count(distinct x.location_id) = 1' into v_location using u.key, u.vendor_id;
      exception when undefined_column or undefined_function then null; -- a table of that name that says something else
      end;
    end if;
    insert into public.pos_staff (user_id, vendor_id, location_id, role, display_name, is_active, person_id)
      values (case when u.signs_in then u.login else coalesce(u.key, u.login) end, u.vendor_id, v_location,
        case when v_active then v_role else 'cashier' end,
        coalesce(nullif(trim(concat_ws(' ', u.was ->> 'first_name', u.was ->> 'last_name')), ''), u.was ->> 'email', ''), v_active,
        case when u.signs_in then onetill.person_key(u.login) else coalesce(u.key, u.login) end)
      on conflict do nothing;
    if found then
      v_added := v_added + 1;
      v_waiting := v_waiting + (not v_active)::integer;
      insert into onetill.reconciliations (rule, table_name, row_id, note) values ('staff_added', 'pos_staff', case when u.signs_in then u.login else coalesce(u.key, u.login) end,
        format('from users, role %s: %s', coalesce(nullif(u.role, ''), 'none'), case when v_active then v_role when not u.signs_in then 'cannot sign in; keeps the name'
          else 'inactive until the owner confirms' end));
    end if;
  end loop;
  insert into onetill.reconciliations (rule, table_name, note) values ('staff_imported', 'users', case when v_trusted then 'once, by their roles'
    else 'once, without any right: signed-in callers may write public.users' end);
  perform onetill.report_rule('staff_added', 'pos_staff', v_added, format('from users; %s of them inactive', v_waiting));
end $$;
update public.pos_staff st set person_id = onetill.person_key(st.user_id) where st.person_id is null and onetill.person_key(st.user_id) is not null;

-- The shop's own triggers answer to what people do, not to this: one that keeps closed shifts as they are, or writes what
-- happened, would refuse or misread what is put right here. A foreign key that was never validated would find old rows now.
-- A run that was cut off without a transaction around it left them resting: they wake first.
create table if not exists onetill.resting (resume text primary key, pause text not null);
alter table onetill.resting enable row level security;
-- The statements were written where tables of `public` need no schema.
create or replace function onetill.wake_the_shops_own() returns void
language plpgsql set search_path = 'public' as $$
declare x record;
begin
  for x in select r.resume from onetill.resting r loop
    begin
      execute x.resume;
    exception when duplicate_object then null; -- it was never put aside
    end;
  end loop;
  delete from onetill.resting;
end $$;
revoke all on function onetill.wake_the_shops_own() from public, anon, authenticated;
select onetill.wake_the_shops_own();
insert into onetill.resting (pause, resume)
  select format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname),
      format('alter table %s enable %s trigger %I', t.tgrelid::regclass, case t.tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end, t.tgname)
    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid in ('public.pos_registers'::regclass, 'public.pos_sessions'::regclass, 'public.pos_cash_movements'::regclass, 'public.locations'::regclass, 'public.vendors'::regclass)
      and not t.tgisinternal and t.tgenabled <> 'D' and p.pronamespace <> 'onetill'::regnamespace;
insert into onetill.resting (pause, resume)
  select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname), format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    from pg_constraint k where k.contype = 'f' and not k.convalidated
      and k.conrelid in ('public.pos_registers'::regclass, 'public.pos_sessions'::regclass, 'public.pos_cash_movements'::regclass, 'public.locations'::regclass);
do $$
declare x record;
begin
  for x in select r.pause from onetill.resting r loop
    execute x.pause;
  end loop;
end $$;

-- What a column of the shop's own by one of our names left open.
update public.pos_registers set last_session_number = 0 where last_session_number is null;
update public.pos_sessions set revision = 1 where revision is null;
update public.locations set business_day_cutoff = coalesce(business_day_cutoff, '04:00'), variance_tolerance = coalesce(variance_tolerance, 5.00),
    variance_limit = coalesce(variance_limit, 20.00)
  where business_day_cutoff is null or variance_tolerance is null or variance_limit is null;

-- Places: every register has a location of its own vendor, and a prefix for its session numbers.
do $$
declare x record; v_rows bigint;
begin
  with missing as (select l.id, to_jsonb(l) as before from public.locations l where l.vendor_id is null),
    noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'vendor_missing', 'locations', m.id, m.before, 'given to the vendor "Unassigned"' from missing m returning row_id)
  select count(*) into v_rows from noted;
  if v_rows > 0 then
    update public.locations set vendor_id = onetill.unassigned_vendor() where vendor_id is null;
  end if;
  perform onetill.report_rule('vendor_missing', 'locations', v_rows, 'given to the vendor "Unassigned"');

  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select case when l.timezone is null then 'timezone_set' else 'currency_set' end, 'locations', l.id, to_jsonb(l), 'UTC and USD where nothing was said'
        from public.locations l where l.timezone is null or l.currency is null returning 1)
  select count(*) into v_rows from noted;
  update public.locations set timezone = coalesce(timezone, 'UTC'), currency = coalesce(currency, 'USD') where timezone is null or currency is null;
  perform onetill.report_rule('timezone_set', 'locations', v_rows, 'UTC and USD where nothing was said');

  -- A vendor's few: each gets a place of its own.
  v_rows := 0;
  for x in select r.id, coalesce(r.vendor_id, l.vendor_id, onetill.unassigned_vendor()) as vendor, r.location_id, l.vendor_id as owner, to_jsonb(r) before
      from public.pos_registers r left join public.locations l on l.id = r.location_id
      where r.vendor_id is null or l.id is null or l.vendor_id <> r.vendor_id order by r.id loop
    insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      values ('register_misplaced', 'pos_registers', x.id, x.before, 'now at a location of its vendor');
    update public.pos_registers set vendor_id = x.vendor,
      location_id = case when x.owner = x.vendor then x.location_id else onetill.unassigned_location(x.vendor) end where id = x.id;
    v_rows := v_rows + 1;
  end loop;
  perform onetill.report_rule('register_misplaced', 'pos_registers', v_rows, 'now at a location of their vendor');
  -- Not worth a report: an absent status always meant a register in use.
  update public.pos_registers set status = 'active' where status is null;
end $$;

-- Sessions: one transaction under a lock that keeps writers out, so that no duplicate can slip in before the index stands.
do $$
declare x record; v_rows bigint; v_everywhere boolean;
begin
  lock table public.pos_sessions in share row exclusive mode;
  -- What the shop's triggers write when a shift is ended here would be movements of shifts that nobody worked on.
  create temporary table onetill_place on commit drop as
    select distinct s.location_id, s.vendor_id, null::uuid as at_vendor, null::uuid as at_location, null::uuid as register
      from public.pos_sessions s left join public.pos_registers g on g.id = s.register_id where g.id is null;
  for x in select * from onetill_place loop
    update onetill_place p set at_location = l.id, at_vendor = l.vendor_id from public.locations l
      where l.id = x.location_id and p.location_id is not distinct from x.location_id and p.vendor_id is not distinct from x.vendor_id;
    if not found then
      update onetill_place p set at_vendor = coalesce((select v.id from public.vendors v where v.id = x.vendor_id), (
          select (array_agg(distinct st.vendor_id))[1] from public.pos_sessions s join public.pos_staff st on st.user_id = onetill.staff_of(s.user_id)
            where s.register_id is null and s.location_id is not distinct from x.location_id and s.vendor_id is not distinct from x.vendor_id
            having count(distinct st.vendor_id) = 1), onetill.unassigned_vendor())
        where p.location_id is not distinct from x.location_id and p.vendor_id is not distinct from x.vendor_id;
      update onetill_place p set at_location = onetill.unassigned_location(p.at_vendor)
        where p.location_id is not distinct from x.location_id and p.vendor_id is not distinct from x.vendor_id;
    end if;
  end loop;
  update onetill_place p set register = onetill.unassigned_register(p.at_vendor, p.at_location);

  -- A shift without a register.
  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'register_missing', 'pos_sessions', s.id, to_jsonb(s), 'put on register ' || p.register
        from public.pos_sessions s join onetill_place p on p.location_id is not distinct from s.location_id and p.vendor_id is not distinct from s.vendor_id
        where not exists (select from public.pos_registers g where g.id = s.register_id) returning 1)
  select count(*) into v_rows from noted;
  update public.pos_sessions s set register_id = p.register, location_id = p.at_location, vendor_id = p.at_vendor,
      status = case when s.status in ('closed', 'cancelled') then s.status else 'ended' end,
      ended_at = coalesce(s.ended_at, s.closed_at, now()), close_kind = coalesce(s.close_kind, 'automatic'),
      end_reason = coalesce(s.end_reason, 'It had no register.')
    from onetill_place p where p.location_id is not distinct from s.location_id and p.vendor_id is not distinct from s.vendor_id
      and not exists (select from public.pos_registers g where g.id = s.register_id);
  perform onetill.report_rule('register_missing', 'pos_sessions', v_rows, 'put on a retired register of their own');

  -- One of a register that says something else about where it stands.
  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'place_corrected', 'pos_sessions', s.id, to_jsonb(s), 'location and vendor of its register'
        from public.pos_sessions s join public.pos_registers g on g.id = s.register_id
        where (s.location_id, s.vendor_id) is distinct from (g.location_id, g.vendor_id) returning 1)
  select count(*) into v_rows from noted;
  update public.pos_sessions s set location_id = g.location_id, vendor_id = g.vendor_id from public.pos_registers g
    where g.id = s.register_id and (s.location_id, s.vendor_id) is distinct from (g.location_id, g.vendor_id);
  perform onetill.report_rule('place_corrected', 'pos_sessions', v_rows, 'location and vendor of their register');

  -- A status nobody defined: closed where it says when, otherwise the count is outstanding.
  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'status_unknown', 'pos_sessions', s.id, to_jsonb(s), 'was ' || coalesce(s.status, 'missing') from public.pos_sessions s
        where s.status is null or s.status not in ('open', 'ended', 'closed', 'cancelled') returning 1)
  select count(*) into v_rows from noted;
  update public.pos_sessions s set status = case when s.closed_at is not null then 'closed' else 'ended' end,
      ended_at = coalesce(s.ended_at, s.closed_at, now()), close_kind = coalesce(s.close_kind, 'automatic'),
      end_reason = coalesce(s.end_reason, 'Its status was ' || coalesce(s.status, 'missing') || '.')
    where s.status is null or s.status not in ('open', 'ended', 'closed', 'cancelled');
  perform onetill.report_rule('status_unknown', 'pos_sessions', v_rows, 'closed where they say when, else ended, count outstanding');

  -- Two open shifts on one register: the one with sales stays, else with movements, else the oldest. The others are
  -- ended with their count outstanding, because nobody counted them. A movement that only repeats the float is none.
  create temporary table onetill_beside on commit drop as
    select y.id, y.kept from (
      select s.id, row_number() over w as place, first_value(s.id) over w as kept
        from public.pos_sessions s where s.status = 'open'
        window w as (partition by s.register_id order by
          (coalesce(s.total_sales, 0) <> 0 or coalesce(s.total_cash, 0) <> 0 or coalesce(s.total_card, 0) <> 0
            or coalesce(s.total_transactions, 0) <> 0) desc,
          (exists (select from public.pos_cash_movements m left join onetill.movement_types t on t.movement_type = m.movement_type
            where m.session_id = s.id and t.repeats is not true)) desc,
          s.opened_at, s.id)) y
      where y.place > 1;
  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'duplicate_open', 'pos_sessions', s.id, to_jsonb(s), 'ended, count outstanding; kept ' || b.kept
        from public.pos_sessions s join onetill_beside b on b.id = s.id returning 1)
  select count(*) into v_rows from noted;
  update public.pos_sessions s set status = 'ended', ended_at = now(), close_kind = 'automatic',
      end_reason = 'Another shift was open on the same register: ' || b.kept
    from onetill_beside b where b.id = s.id;
  perform onetill.report_rule('duplicate_open', 'pos_sessions', v_rows, 'ended, count outstanding');

  -- Equal or missing numbers: the first keeps its number, the others get one with the start of their id, which no other has.
  create temporary table onetill_renumbered on commit drop as
    select y.id, left(coalesce(y.session_number, 'S'), 26) || '-' || upper(left(replace(y.id::text, '-', ''), 12)) as number from (
      select s.id, s.session_number, row_number() over (partition by s.vendor_id, s.session_number order by s.opened_at, s.id) as place
        from public.pos_sessions s) y
    where y.place > 1 or y.session_number is null;
  -- Where even that is taken, the whole id is the number.
  update onetill_renumbered n set number = 'S-' || replace(n.id::text, '-', '')
    where n.number in (select o.session_number from public.pos_sessions o where o.session_number is not null)
      or n.number in (select o.number from onetill_renumbered o group by o.number having count(*) > 1);
  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'number_repeated', 'pos_sessions', s.id, to_jsonb(s), 'now ' || n.number
        from public.pos_sessions s join onetill_renumbered n on n.id = s.id returning 1)
  select count(*) into v_rows from noted;
  update public.pos_sessions s set session_number = n.number from onetill_renumbered n where n.id = s.id;
  perform onetill.report_rule('number_repeated', 'pos_sessions', v_rows, 'the first of each keeps its number');

  -- The promise itself. IF NOT EXISTS would be content with any index of that name, even an invalid one.
  if to_regclass('public.idx_one_open_session_per_register') is not null
    and not onetill.open_index_is_right(to_regclass('public.idx_one_open_session_per_register')) then
    drop index public.idx_one_open_session_per_register;
    perform onetill.reconciled('index_replaced', 'pos_sessions', null, null, 'idx_one_open_session_per_register was invalid or defined otherwise');
  end if;
  if to_regclass('public.idx_one_open_session_per_register') is null then
    create unique index idx_one_open_session_per_register on public.pos_sessions (register_id) where status = 'open';
  end if;
  -- The same index under other names costs every open a second write.
  for x in select i.indexrelid::regclass as name from pg_index i
      where i.indrelid = 'public.pos_sessions'::regclass
        and i.indexrelid <> to_regclass('public.idx_one_open_session_per_register')
        and onetill.open_index_is_right(i.indexrelid::regclass) loop
    execute format('drop index %s', x.name);
    perform onetill.reconciled('index_dropped', 'pos_sessions', null, null, x.name || ' repeated idx_one_open_session_per_register');
  end loop;
  drop table onetill_place, onetill_beside, onetill_renumbered;
end $$;

-- Movements name their session's place. One without a session stays as it is: nobody can say where it belongs.
do $$
declare v_rows bigint;
begin
  if exists (select from public.pos_cash_movements m where m.session_id is not null and not exists (select from public.pos_sessions s where s.id = m.session_id)) then
    alter table public.pos_cash_movements alter column session_id drop not null;
    with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
        select 'session_missing', 'pos_cash_movements', m.id, to_jsonb(m), 'its shift is gone; kept without one' from public.pos_cash_movements m
          where m.session_id is not null and not exists (select from public.pos_sessions s where s.id = m.session_id) returning 1)
    select count(*) into v_rows from noted;
    update public.pos_cash_movements m set session_id = null where m.session_id is not null and not exists (select from public.pos_sessions s where s.id = m.session_id);
    perform onetill.report_rule('session_missing', 'pos_cash_movements', v_rows, 'of shifts that are gone; kept without one');
  end if;

  with noted as (insert into onetill.reconciliations (rule, table_name, row_id, before, note)
      select 'place_corrected', 'pos_cash_movements', m.id, to_jsonb(m), 'place of its shift'
        from public.pos_cash_movements m join public.pos_sessions s on s.id = m.session_id
        where (m.vendor_id, m.register_id, m.location_id) is distinct from (s.vendor_id, s.register_id, s.location_id) returning 1)
  select count(*) into v_rows from noted;
  if v_rows > 0 then
    update public.pos_cash_movements m set vendor_id = s.vendor_id, register_id = s.register_id, location_id = s.location_id
      from public.pos_sessions s where s.id = m.session_id
        and (m.vendor_id, m.register_id, m.location_id) is distinct from (s.vendor_id, s.register_id, s.location_id);
  end if;
  perform onetill.report_rule('place_corrected', 'pos_cash_movements', v_rows, 'place of their shift');

  -- Whether the words of earlier clients carry the sign of their effect shows in what left the drawer.
  if not exists (select from onetill.movement_types t where t.is_signed)
    and (select count(*) filter (where m.amount < 0) > count(*) filter (where m.amount > 0) from public.pos_cash_movements m
      join onetill.movement_types t on t.movement_type = m.movement_type and t.sign = -1 and not t.is_current) then
    update onetill.movement_types set is_signed = true where not is_current and not repeats;
    perform onetill.reconciled('amounts_signed', 'pos_cash_movements', null, null, 'earlier clients write what leaves the drawer below zero; their amounts are taken with their sign');
  end if;
end $$;

-- New columns of old rows; nothing a person decided, so nothing to report.
update public.pos_sessions set opened_at = coalesce(closed_at, now()) where opened_at is null;
update public.pos_sessions s set business_date = onetill.business_date(s.location_id, s.opened_at) where s.business_date is null;
update public.pos_sessions set was_counted = closing_cash is not null, close_kind = coalesce(close_kind, 'normal'),
    ended_at = coalesce(ended_at, closed_at)
  where status = 'closed' and was_counted is null;
update public.pos_sessions s set opened_by = onetill.staff_of(s.user_id) where s.opened_by is null and s.user_id is not null;

do $$
declare r record;
begin
  for r in select x.id, x.vendor_id, coalesce(nullif(trim(x.register_number), ''), left(x.id::text, 8)) as number
      from public.pos_registers x where x.number_prefix is null order by x.register_number, x.id loop
    update public.pos_registers set number_prefix = onetill.free_prefix(r.vendor_id, r.number) where id = r.id;
  end loop;
end $$;

-- The shop's own goes on.
select onetill.wake_the_shops_own();
