-- What the tables refuse whoever writes: rules that hold even against the store's own server and its secret key.

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

create or replace function onetill.table_check(p_table text, p_name text, p_check text)
returns void language plpgsql set search_path = '' as $$
begin
  if not exists (select from pg_catalog.pg_constraint x where x.conname = p_name
      and x.conrelid = format('public.%I', p_table)::regclass) then
    -- Not validated: rows of an older database are kept as they are, new rows are checked.
    execute format('alter table public.%I add constraint %I check (%s) not valid', p_table, p_name, p_check);
  end if;
end $$;

revoke all on function onetill.composite_key(text, text, text, text, text), onetill.table_check(text, text, text)
  from public, anon, authenticated;

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
select onetill.table_check('pos_cash_movements', 'pos_cash_movements_amount', 'session_id is not null and vendor_id is not null and amount is not null and amount >= 0');

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
create or replace function onetill.guard_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
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
  for each row when (old.* is distinct from new.*) execute function onetill.guard_session();

-- A movement enters an open session or none. FOR SHARE makes a close wait for it, and it for a close.
create or replace function onetill.guard_movement() returns trigger
language plpgsql security definer set search_path = '' as $$
declare s public.pos_sessions;
begin
  -- By its id alone: among millions of closed shifts PostgreSQL takes the open ones for one, and would read them all.
  select * into s from public.pos_sessions x where x.id = new.session_id for share;
  if s.id is null then
    perform onetill.fail(404, 'POS_SESSION_NOT_FOUND', 'There is no such shift.');
  elsif s.status <> 'open' then
    perform onetill.fail_over(s);
  end if;
  return new;
end $$;
create or replace trigger guard_movement before insert on public.pos_cash_movements
  for each row execute function onetill.guard_movement();

-- The ledger is written once: a mistake is reversed, never edited.
create or replace function onetill.keep_row() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
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
