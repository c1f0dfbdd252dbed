-- What the tables refuse whoever writes: rules that hold even against the store's own server and its secret key.

-- As before the rows were reconciled.
set constraints all immediate;

-- A key of two or three columns cannot name a register of one vendor and a location of another.
-- The plain foreign key it replaces is dropped: two between the same tables make PostgREST's embedding ambiguous.
create or replace function onetill.composite_key(p_table text, p_name text, p_columns text, p_parent text, p_parent_columns text)
returns void language plpgsql set search_path = '' as $$
declare c record; v_unique text := p_parent || '_' || replace(replace(p_parent_columns, ', ', '_'), 'id_', '') || '_key';
begin
  if not exists (select from pg_catalog.pg_constraint x where x.conname = p_name
      and x.conrelid = format('public.%I', p_table)::regclass) then
    if to_regclass(format('public.%I', v_unique)) is null then
      execute format('create unique index %I on public.%I (%s)', v_unique, p_parent, p_parent_columns);
    end if;
    execute format('alter table public.%I add constraint %I foreign key (%s) references public.%I (%s)',
      p_table, p_name, p_columns, p_parent, p_parent_columns);
  end if;
  for c in select x.conname from pg_catalog.pg_constraint x
      where x.contype = 'f' and x.conname <> p_name
        and x.conrelid = format('public.%I', p_table)::regclass and x.confrelid = format('public.%I', p_parent)::regclass
        and x.conrelid <> x.confrelid loop
    execute format('alter table public.%I drop constraint %I', p_table, c.conname);
  end loop;
end $$;

-- A check of ours. Its comment says which text it was made from, so that one with another text is made anew; and the
-- preflight knows by it which checks are ours.
create or replace function onetill.table_check(p_table text, p_name text, p_check text)
returns void language plpgsql set search_path = '' as $$
declare v_mark text := 'onetill ' || md5(p_check); v_there oid;
begin
  select x.oid into v_there from pg_catalog.pg_constraint x where x.conname = p_name and x.conrelid = format('public.%I', p_table)::regclass;
  if v_there is not null and pg_catalog.obj_description(v_there, 'pg_constraint') is not distinct from v_mark then
    return;
  end if;
  if v_there is not null then
    execute format('alter table public.%I drop constraint %I', p_table, p_name);
  end if;
  -- Not validated: rows of an older database are kept as they are, new rows are checked.
  execute format('alter table public.%I add constraint %I check (%s) not valid', p_table, p_name, p_check);
  execute format('comment on constraint %I on public.%I is %L', p_name, p_table, v_mark);
end $$;

revoke all on function onetill.composite_key(text, text, text, text, text), onetill.table_check(text, text, text)
  from public, anon, authenticated;

-- What an earlier client's function opened since the rows were reconciled lacks what only ours fills in.
create or replace function onetill.complete_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.business_date := coalesce(new.business_date, onetill.business_date(new.location_id, coalesce(new.opened_at, now())));
  new.opened_by := coalesce(new.opened_by, onetill.staff_of(new.user_id));
  return new;
end $$;
create or replace trigger complete_session before insert on public.pos_sessions
  for each row when (new.business_date is null or new.opened_by is null and new.user_id is not null) execute function onetill.complete_session();
revoke all on function onetill.complete_session() from public, anon, authenticated;
update public.pos_sessions s set business_date = onetill.business_date(s.location_id, s.opened_at) where s.business_date is null;

-- How the shop's own rows name somebody who joins the staff, or whose row in `users` came later.
create or replace function onetill.name_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.person_id := onetill.person_key(new.user_id);
  return new;
end $$;
create or replace trigger name_person before insert or update on public.pos_staff
  for each row when (new.person_id is null) execute function onetill.name_person();
revoke all on function onetill.name_person() from public, anon, authenticated;

alter table public.locations alter column vendor_id set not null;
alter table public.pos_registers
  alter column vendor_id set not null, alter column location_id set not null,
  alter column status set not null, alter column number_prefix set not null;
alter table public.pos_sessions
  alter column register_id set not null, alter column location_id set not null, alter column vendor_id set not null,
  alter column session_number set not null, alter column status set not null, alter column opened_at set not null,
  alter column business_date set not null;

select onetill.composite_key('pos_registers', 'pos_registers_location', 'location_id, vendor_id', 'locations', 'id, vendor_id');
select onetill.composite_key('pos_staff', 'pos_staff_location', 'location_id, vendor_id', 'locations', 'id, vendor_id');
select onetill.composite_key('pos_movement_rules', 'pos_movement_rules_location', 'location_id, vendor_id', 'locations', 'id, vendor_id');
select onetill.composite_key('pos_sessions', 'pos_sessions_register', 'register_id, location_id, vendor_id', 'pos_registers', 'id, location_id, vendor_id');
select onetill.composite_key('pos_cash_movements', 'pos_cash_movements_session', 'session_id, vendor_id', 'pos_sessions', 'id, vendor_id');
select onetill.composite_key('pos_session_participants', 'pos_session_participants_session', 'session_id, vendor_id', 'pos_sessions', 'id, vendor_id');
select onetill.composite_key('pos_counts', 'pos_counts_session', 'session_id, vendor_id', 'pos_sessions', 'id, vendor_id');
select onetill.composite_key('pos_z_reports', 'pos_z_reports_session', 'session_id, vendor_id', 'pos_sessions', 'id, vendor_id');

-- A reversal names a movement of its own session, and a movement is reversed once.
create unique index if not exists pos_cash_movements_id_session_key on public.pos_cash_movements (id, session_id);
do $$ begin
  if not exists (select from pg_constraint x where x.conname = 'pos_cash_movements_reverses') then
    alter table public.pos_cash_movements add constraint pos_cash_movements_reverses
      foreign key (reverses, session_id) references public.pos_cash_movements (id, session_id);
  end if;
end $$;
create unique index if not exists pos_cash_movements_reversed_once on public.pos_cash_movements (reverses, session_id)
  where reverses is not null;

-- What reports and policies look rows up by.
create index if not exists locations_by_vendor on public.locations (vendor_id);
create index if not exists pos_staff_by_location on public.pos_staff (location_id, vendor_id);
create index if not exists pos_staff_by_vendor on public.pos_staff (vendor_id);
create index if not exists pos_movement_rules_by_location on public.pos_movement_rules (location_id, vendor_id);
create index if not exists pos_movement_rules_by_vendor on public.pos_movement_rules (vendor_id);
create index if not exists pos_registers_by_location on public.pos_registers (location_id, vendor_id);
create unique index if not exists pos_registers_prefix on public.pos_registers (vendor_id, number_prefix);
create index if not exists pos_sessions_by_register on public.pos_sessions (register_id, location_id, vendor_id, opened_at);
create index if not exists pos_sessions_uncounted on public.pos_sessions (register_id) where status = 'ended';
create index if not exists pos_cash_movements_by_session on public.pos_cash_movements (session_id, vendor_id);
create index if not exists pos_cash_movements_by_reverses on public.pos_cash_movements (reverses, session_id);
create index if not exists pos_session_participants_by_session on public.pos_session_participants (session_id, vendor_id);
create index if not exists pos_counts_by_session on public.pos_counts (session_id, vendor_id);
create index if not exists pos_z_reports_by_session on public.pos_z_reports (session_id, vendor_id);

-- An unknown time zone is refused here, not in the middle of a Monday morning.
select onetill.table_check('locations', 'locations_timezone', $$timestamptz '2000-01-01' at time zone timezone is not null$$);
select onetill.table_check('locations', 'locations_currency', $$currency ~ '^[A-Z]{3}$' and currency not in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')$$);
select onetill.table_check('locations', 'locations_variance', 'variance_tolerance >= 0 and variance_limit >= variance_tolerance');
select onetill.table_check('pos_sessions', 'pos_sessions_status', $$status in ('open', 'ended', 'closed', 'cancelled')$$);
select onetill.table_check('pos_sessions', 'pos_sessions_close_kind', $$close_kind in ('normal', 'force', 'automatic')$$);
select onetill.table_check('pos_sessions', 'pos_sessions_opening_cash', 'opening_cash >= 0');
-- Earlier clients write some words with the sign of their effect; ours have none. NaN sorts above every number.
select onetill.table_check('pos_cash_movements', 'pos_cash_movements_amount', $$session_id is not null and vendor_id is not null and amount is not null and amount < 'NaN'
  and (amount >= 0 or movement_type not in ('pay_in', 'float_top_up', 'pay_out', 'safe_drop', 'no_sale', 'reversal'))$$);

-- A register's session numbers start with its own number.
create or replace function onetill.number_register() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.number_prefix := onetill.free_prefix(new.vendor_id, coalesce(nullif(trim(new.register_number), ''), left(new.id::text, 8)));
  return new;
end $$;
create or replace trigger number_register before insert on public.pos_registers
  for each row when (new.number_prefix is null) execute function onetill.number_register();

-- A register goes out of use only when no shift is open on it. The row's lock is held here, so no open is on its way.
-- After the update, not before: a trigger before it would make every open lock the register's row once more.
create or replace function onetill.guard_register() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.pos_sessions s where s.register_id = old.id and s.status = 'open') then
    perform onetill.fail(409, 'POS_REGISTER_IN_USE', 'A shift is open on this register.');
  end if;
  return new;
end $$;
create or replace trigger guard_register after update of status on public.pos_registers
  for each row when (old.status = 'active' and new.status <> 'active') execute function onetill.guard_register();

-- A session changes status along its one road, belongs to one register for good, and holds still once it is settled.
-- A close by an earlier client, which updates the row, gets what that client does not know of.
create or replace function onetill.guard_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Asked here and not by a condition of the trigger, which could not be made where the shop has a generated column.
  if new is not distinct from old then
    return new;
  end if;
  -- The shop's own triggers add to a shift whatever became of it: a settled one keeps its figures, what came late is on record.
  if old.status in ('closed', 'cancelled') and new.status = old.status and pg_trigger_depth() > 1
    and (new.total_sales, new.total_cash, new.total_card, new.total_transactions)
      is distinct from (old.total_sales, old.total_cash, old.total_card, old.total_transactions) then
    insert into onetill.reconciliations (rule, table_name, row_id, before, note) values ('late_totals', 'pos_sessions', old.id,
      jsonb_build_object('total_sales', old.total_sales, 'total_cash', old.total_cash, 'total_card', old.total_card, 'total_transactions', old.total_transactions),
      format('a trigger of the shop would have made them %s, %s, %s, %s after the shift was settled', new.total_sales, new.total_cash, new.total_card, new.total_transactions));
    new.total_sales := old.total_sales; new.total_cash := old.total_cash; new.total_card := old.total_card;
    new.total_transactions := old.total_transactions; new.walk_in_sales := old.walk_in_sales;
    new.pickup_orders_fulfilled := old.pickup_orders_fulfilled; new.last_transaction_at := old.last_transaction_at;
  end if;
  if new.status = 'closed' and old.status in ('open', 'ended') and new.was_counted is null then
    new.closed_at := coalesce(new.closed_at, clock_timestamp());
    new.was_counted := new.closing_cash is not null;
    new.ended_at := coalesce(new.ended_at, new.closed_at);
    new.close_kind := coalesce(new.close_kind, 'normal');
    new.cash_difference := coalesce(new.cash_difference, new.closing_cash - new.expected_cash);
    new.counting_by := null; new.counting_since := null; new.counting_key := null;
  end if;
  if new.status <> old.status and not (
    (old.status = 'open' and new.status in ('ended', 'closed', 'cancelled')) or (old.status = 'ended' and new.status = 'closed')) then
    perform onetill.fail(409, 'POS_BAD_TRANSITION', 'A shift that is ' || old.status || ' does not become ' || new.status || '.');
  end if;
  if (new.id, new.register_id, new.location_id, new.vendor_id, new.session_number, new.business_date, new.idempotency_key)
    is distinct from
     (old.id, old.register_id, old.location_id, old.vendor_id, old.session_number, old.business_date, old.idempotency_key) then
    perform onetill.fail(409, 'POS_BAD_TRANSITION', 'What identifies a shift does not change.');
  end if;
  if old.status in ('closed', 'cancelled')
    and (new.opening_cash, new.closing_cash, new.expected_cash, new.cash_difference, new.total_sales, new.total_cash,
      new.total_card, new.total_transactions, new.was_counted, new.closed_at)
    is distinct from
     (old.opening_cash, old.closing_cash, old.expected_cash, old.cash_difference, old.total_sales, old.total_cash,
      old.total_card, old.total_transactions, old.was_counted, old.closed_at) then
    perform onetill.fail_over(old);
  end if;
  if old.status = 'open' and new.status <> 'open' then
    delete from onetill.seen x where x.session_id = old.id;
  end if;
  new.revision := old.revision + 1;
  new.updated_at := clock_timestamp();
  return new;
end $$;
create or replace trigger guard_session before update on public.pos_sessions
  for each row execute function onetill.guard_session();

-- A movement enters an open session or none. FOR SHARE makes a close wait for it, and it for a close. What only repeats
-- another figure moves nothing: the shop's own triggers write such a line for an opening, a sale, or a close that is done.
create or replace function onetill.guard_movement() returns trigger
language plpgsql security definer set search_path = '' as $$
declare s public.pos_sessions; v_repeats boolean;
begin
  select t.repeats into v_repeats from onetill.movement_types t where t.movement_type = new.movement_type;
  if v_repeats then
    select * into s from public.pos_sessions x where x.id = new.session_id;
  else
    -- By its id alone: among millions of closed shifts PostgreSQL takes the open ones for one, and would read them all.
    select * into s from public.pos_sessions x where x.id = new.session_id for share;
  end if;
  if s.id is null then
    perform onetill.fail(404, 'POS_SESSION_NOT_FOUND', 'There is no such shift.');
  elsif s.status <> 'open' and v_repeats is not true then
    perform onetill.fail_over(s);
  end if;
  -- A movement stands where its session stands.
  new.vendor_id := coalesce(new.vendor_id, s.vendor_id);
  new.register_id := s.register_id;
  new.location_id := s.location_id;
  return new;
end $$;
create or replace trigger guard_movement before insert on public.pos_cash_movements
  for each row execute function onetill.guard_movement();

-- The ledger is written once: a mistake is reversed, never edited. A line that only repeats another figure is not of the ledger.
create or replace function onetill.keep_row() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'pos_cash_movements' and tg_op = 'DELETE' then
    if exists (select from onetill.movement_types t where t.movement_type = to_jsonb(old) ->> 'movement_type' and t.repeats) then
      return old;
    end if;
  end if;
  perform onetill.fail(409, 'POS_WRITTEN_ONCE', 'Rows of ' || tg_table_name || ' are not changed or removed.');
  return null;
end $$;
create or replace trigger keep_movement before update or delete on public.pos_cash_movements
  for each row execute function onetill.keep_row();
create or replace trigger keep_z_report before update or delete on public.pos_z_reports
  for each row execute function onetill.keep_row();
create or replace trigger keep_count before delete on public.pos_counts
  for each row execute function onetill.keep_row();

revoke all on function onetill.number_register(), onetill.guard_register(), onetill.guard_session(), onetill.guard_movement(), onetill.keep_row()
  from public, anon, authenticated;
