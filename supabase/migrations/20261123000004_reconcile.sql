-- Brings the rows of an older database under the register's rules. No row is deleted and no amount is changed;
-- every change is kept in onetill.reconciliations with the row as it was, and printed as a notice.
-- On an empty project, and on the second run, there is nothing to do.

create or replace function onetill.reconciled(p_rule text, p_table text, p_id uuid, p_before jsonb, p_note text)
returns void language plpgsql set search_path = '' as $$
begin
  insert into onetill.reconciliations (rule, table_name, row_id, before, note)
    values (p_rule, p_table, p_id, p_before, p_note);
  raise notice 'onetill: % % %: %', p_rule, p_table, coalesce(p_id::text, ''), p_note;
end $$;

-- Does this index let a register have one open session and no more?
create or replace function onetill.open_index_is_right(p_index regclass) returns boolean
language sql stable set search_path = '' as $$
  select coalesce((
    select i.indisvalid and i.indisready and i.indisunique and i.indimmediate and i.indnatts = 1
        and i.indrelid = to_regclass('public.pos_sessions') and a.attname = 'register_id'
        -- status may be text or varchar: the printed condition differs in its casts only.
        and regexp_replace(pg_get_expr(i.indpred, i.indrelid), '::(text|character varying)|[()\s]', '', 'g') = 'status=''open'''
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indexrelid = p_index), false)
$$;

-- Rows that belong nowhere get a place of their own, where a manager finds them.
create or replace function onetill.unassigned_vendor() returns uuid
language plpgsql set search_path = '' as $$
declare v uuid;
begin
  select x.id into v from public.vendors x where x.store_name = 'Unassigned' order by x.id limit 1;
  if v is null then
    insert into public.vendors (store_name) values ('Unassigned') returning id into v;
    perform onetill.reconciled('place_added', 'vendors', v, null, 'holds rows without a vendor');
  end if;
  return v;
end $$;

create or replace function onetill.unassigned_location(p_vendor_id uuid) returns uuid
language plpgsql set search_path = '' as $$
declare l uuid;
begin
  select x.id into l from public.locations x where x.vendor_id = p_vendor_id and x.name = 'Unassigned' order by x.id limit 1;
  if l is null then
    insert into public.locations (vendor_id, name) values (p_vendor_id, 'Unassigned') returning id into l;
    perform onetill.reconciled('place_added', 'locations', l, null, 'holds registers without a location');
  end if;
  return l;
end $$;

create or replace function onetill.unassigned_register(p_vendor_id uuid, p_location_id uuid) returns uuid
language plpgsql set search_path = '' as $$
declare r uuid;
begin
  select x.id into r from public.pos_registers x
    where x.location_id = p_location_id and x.register_number = 'UNASSIGNED' order by x.id limit 1;
  if r is null then
    insert into public.pos_registers (vendor_id, location_id, register_number, register_name, status)
      values (p_vendor_id, p_location_id, 'UNASSIGNED', 'Shifts without a register', 'retired') returning id into r;
    perform onetill.reconciled('place_added', 'pos_registers', r, null, 'holds shifts without a register; retired');
  end if;
  return r;
end $$;

revoke all on function onetill.open_index_is_right(regclass), onetill.reconciled(text, text, uuid, jsonb, text), onetill.unassigned_vendor(),
  onetill.unassigned_location(uuid), onetill.unassigned_register(uuid, uuid) from public, anon, authenticated;

-- What a register's session numbers start with: its own number, and a suffix where another register has it already.
create or replace function onetill.free_prefix(p_vendor_id uuid, p_number text) returns text
language plpgsql stable set search_path = '' as $$
declare v_prefix text := left(p_number, 24); v_try integer := 1;
begin
  while exists (select from public.pos_registers r where r.vendor_id = p_vendor_id and r.number_prefix = v_prefix) loop
    v_try := v_try + 1;
    v_prefix := left(p_number, 20) || '-' || v_try;
  end loop;
  return v_prefix;
end $$;
revoke all on function onetill.free_prefix(uuid, text) from public, anon, authenticated;

-- Staff, from the store's own `users`: only accounts that can sign in, only rows not taken over before.
do $$
declare u jsonb; v_role text; v_name text;
begin
  if to_regclass('public.users') is null then return; end if;
  for u in execute 'select to_jsonb(x) from public.users x where x.vendor_id is not null order by x.id' loop
    v_role := lower(coalesce(u ->> 'role', ''));
    continue when v_role in ('customer', 'guest', 'client')
      or exists (select from public.pos_staff st where st.user_id = (u ->> 'id')::uuid)
      or not exists (select from public.vendors v where v.id = (u ->> 'vendor_id')::uuid);
    if not exists (select from auth.users a where a.id = (u ->> 'id')::uuid) then
      raise notice 'onetill: staff_skipped users %: the account cannot sign in', u ->> 'id';
      continue;
    end if;
    v_name := trim(concat_ws(' ', u ->> 'first_name', u ->> 'last_name'));
    insert into public.pos_staff (user_id, vendor_id, role, display_name, is_active)
      values ((u ->> 'id')::uuid, (u ->> 'vendor_id')::uuid,
        case when v_role like '%owner%' then 'owner'
          when v_role like '%manager%' or v_role like '%admin%' then 'manager' else 'cashier' end,
        coalesce(nullif(v_name, ''), u ->> 'email', ''), coalesce((u ->> 'is_active')::boolean, true));
    perform onetill.reconciled('staff_added', 'pos_staff', (u ->> 'id')::uuid, null, 'from users, role ' || coalesce(u ->> 'role', 'none'));
  end loop;
end $$;

-- Places: every register has a location of its own vendor, and a prefix for its session numbers.
do $$
declare x record; v_vendor uuid; v_location uuid;
begin
  for x in select l.id, to_jsonb(l) before from public.locations l where l.vendor_id is null loop
    perform onetill.reconciled('vendor_missing', 'locations', x.id, x.before, 'given to the vendor "Unassigned"');
    update public.locations set vendor_id = onetill.unassigned_vendor() where id = x.id;
  end loop;
  for x in select r.id, r.vendor_id, r.location_id, l.vendor_id as owner, to_jsonb(r) before
      from public.pos_registers r left join public.locations l on l.id = r.location_id
      where r.vendor_id is null or l.id is null or l.vendor_id <> r.vendor_id order by r.id loop
    v_vendor := coalesce(x.vendor_id, x.owner, onetill.unassigned_vendor());
    v_location := case when x.owner = v_vendor then x.location_id else onetill.unassigned_location(v_vendor) end;
    perform onetill.reconciled('register_misplaced', 'pos_registers', x.id, x.before,
      'vendor ' || v_vendor || ', location ' || v_location);
    update public.pos_registers set vendor_id = v_vendor, location_id = v_location where id = x.id;
  end loop;
  -- Not worth a report: an absent status always meant a register in use.
  update public.pos_registers set status = 'active' where status is null;
end $$;

-- Sessions: one transaction under a lock that keeps writers out, so that no duplicate can slip in before the index stands.
do $$
declare
  x record; v_register uuid; v_location uuid; v_vendor uuid; v_number text; v_try integer;
begin
  lock table public.pos_sessions in share row exclusive mode;

  -- A shift without a register, or of a register that says something else about where it stands.
  for x in select s.id, s.register_id, s.location_id, s.vendor_id, s.user_id, to_jsonb(s) before, g.id as known,
        g.location_id as at_location, g.vendor_id as at_vendor
      from public.pos_sessions s left join public.pos_registers g on g.id = s.register_id
      where g.id is null or s.location_id is distinct from g.location_id or s.vendor_id is distinct from g.vendor_id
      order by s.opened_at, s.id loop
    if x.known is not null then
      update public.pos_sessions set location_id = x.at_location, vendor_id = x.at_vendor where id = x.id;
      perform onetill.reconciled('place_corrected', 'pos_sessions', x.id, x.before, 'location and vendor of its register');
      continue;
    end if;
    select l.id, l.vendor_id into v_location, v_vendor from public.locations l where l.id = x.location_id;
    if v_location is null then
      select v.id into v_vendor from public.vendors v where v.id = x.vendor_id;
      if v_vendor is null then
        select st.vendor_id into v_vendor from public.pos_staff st where st.user_id = x.user_id;
      end if;
      v_vendor := coalesce(v_vendor, onetill.unassigned_vendor());
      v_location := onetill.unassigned_location(v_vendor);
    end if;
    v_register := onetill.unassigned_register(v_vendor, v_location);
    update public.pos_sessions set register_id = v_register, location_id = v_location, vendor_id = v_vendor,
      status = case when status in ('closed', 'cancelled') then status else 'ended' end,
      ended_at = coalesce(ended_at, closed_at, now()), close_kind = coalesce(close_kind, 'automatic'),
      end_reason = coalesce(end_reason, 'It had no register.') where id = x.id;
    perform onetill.reconciled('register_missing', 'pos_sessions', x.id, x.before, 'put on register ' || v_register);
  end loop;

  -- A status nobody defined: closed where it says when, otherwise the count is outstanding.
  for x in select s.id, s.status, to_jsonb(s) before from public.pos_sessions s
      where s.status is null or s.status not in ('open', 'ended', 'closed', 'cancelled') order by s.id loop
    update public.pos_sessions set status = case when closed_at is not null then 'closed' else 'ended' end,
      ended_at = coalesce(ended_at, closed_at, now()), close_kind = coalesce(close_kind, 'automatic'),
      end_reason = coalesce(end_reason, 'Its status was ' || coalesce(x.status, 'missing') || '.') where id = x.id;
    perform onetill.reconciled('status_unknown', 'pos_sessions', x.id, x.before, 'was ' || coalesce(x.status, 'missing'));
  end loop;

  -- Two open shifts on one register: the one with sales stays, else with movements, else the oldest. The others are
  -- ended with their count outstanding, because nobody counted them.
  for x in
    select y.id, y.before, y.kept from (
      select s.id, to_jsonb(s) before, row_number() over w as place, first_value(s.id) over w as kept
        from public.pos_sessions s where s.status = 'open'
        window w as (partition by s.register_id order by
          (coalesce(s.total_sales, 0) <> 0 or coalesce(s.total_cash, 0) <> 0 or coalesce(s.total_card, 0) <> 0
            or coalesce(s.total_transactions, 0) <> 0) desc,
          (exists (select from public.pos_cash_movements m where m.session_id = s.id)) desc,
          s.opened_at, s.id)) y
    where y.place > 1 order by y.id loop
    update public.pos_sessions set status = 'ended', ended_at = now(), close_kind = 'automatic',
      end_reason = 'Another shift was open on the same register: ' || x.kept where id = x.id;
    perform onetill.reconciled('duplicate_open', 'pos_sessions', x.id, x.before, 'ended, count outstanding; kept ' || x.kept);
  end loop;

  -- Equal or missing numbers within a vendor: the first keeps its number, the others get a suffix.
  for x in
    select y.id, y.before, y.session_number, y.place from (
      select s.id, to_jsonb(s) before, s.session_number,
          row_number() over (partition by s.vendor_id, s.session_number order by s.opened_at, s.id) as place
        from public.pos_sessions s) y
    where y.place > 1 or y.session_number is null order by y.place, y.id loop
    v_try := x.place::integer;
    loop
      -- Cut before the suffix: the column may be as short as varchar(40).
      v_number := left(coalesce(x.session_number, 'S-' || x.id), 30) || '-' || v_try;
      exit when not exists (select from public.pos_sessions o join public.pos_sessions me on me.vendor_id = o.vendor_id
        where me.id = x.id and o.session_number = v_number);
      v_try := v_try + 1;
    end loop;
    update public.pos_sessions set session_number = v_number where id = x.id;
    perform onetill.reconciled('number_repeated', 'pos_sessions', x.id, x.before, 'now ' || v_number);
  end loop;

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
end $$;

-- Movements name their session's place. One without a session stays as it is: nobody can say where it belongs.
do $$
declare x record;
begin
  for x in select m.id, to_jsonb(m) before, s.vendor_id, s.register_id, s.location_id
      from public.pos_cash_movements m join public.pos_sessions s on s.id = m.session_id
      where m.vendor_id is distinct from s.vendor_id or m.register_id is distinct from s.register_id
        or m.location_id is distinct from s.location_id order by m.id loop
    update public.pos_cash_movements set vendor_id = x.vendor_id, register_id = x.register_id, location_id = x.location_id
      where id = x.id;
    perform onetill.reconciled('place_corrected', 'pos_cash_movements', x.id, x.before, 'place of its shift');
  end loop;
end $$;

-- New columns of old rows; nothing a person decided, so nothing to report.
update public.pos_sessions s set business_date = onetill.business_date(s.location_id, coalesce(s.opened_at, s.closed_at, now()))
  where s.business_date is null;
update public.pos_sessions set opened_at = coalesce(closed_at, now()) where opened_at is null;
update public.pos_sessions set was_counted = closing_cash is not null, close_kind = coalesce(close_kind, 'normal'),
    ended_at = coalesce(ended_at, closed_at)
  where status = 'closed' and was_counted is null;

do $$
declare r record;
begin
  for r in select x.id, x.vendor_id, coalesce(nullif(trim(x.register_number), ''), left(x.id::text, 8)) as number
      from public.pos_registers x where x.number_prefix is null order by x.register_number, x.id loop
    update public.pos_registers set number_prefix = onetill.free_prefix(r.vendor_id, r.number) where id = r.id;
  end loop;
end $$;
