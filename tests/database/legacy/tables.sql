-- A database already in the field: text statuses, a register that may be missing, nothing unique, and no rule about who
-- belongs to whom. Some columns are of older types.
create table vendors (id uuid primary key default gen_random_uuid(), store_name text);
create table locations (id uuid primary key default gen_random_uuid(), vendor_id uuid references vendors (id), name text);
create table users (
  id uuid primary key, vendor_id uuid references vendors (id), first_name text, last_name text, email text, role text);
create table pos_registers (
  id uuid primary key default gen_random_uuid(), location_id uuid references locations (id),
  vendor_id uuid references vendors (id), register_number text, register_name text, device_id text, device_name text,
  status text default 'active', last_active_at timestamptz);
create table pos_sessions (
  id uuid primary key default gen_random_uuid(), register_id uuid references pos_registers (id), location_id uuid,
  vendor_id uuid, user_id uuid, session_number varchar(40), status text default 'open', opening_cash numeric(10, 2),
  closing_cash numeric(10, 2), expected_cash numeric(10, 2), cash_difference numeric(10, 2),
  total_sales numeric(10, 2) default 0, total_transactions integer default 0, total_cash numeric(10, 2) default 0,
  total_card numeric(10, 2) default 0, walk_in_sales integer default 0, pickup_orders_fulfilled integer default 0,
  opening_notes text, closing_notes text, metadata jsonb default '{}', opened_at timestamptz default now(),
  closed_at timestamptz, last_transaction_at timestamptz, created_at timestamptz default now(),
  updated_at timestamptz default now());
create table pos_cash_movements (
  id uuid primary key default gen_random_uuid(), session_id uuid references pos_sessions (id), register_id uuid,
  user_id uuid, location_id uuid, vendor_id uuid, movement_type text, amount numeric(10, 2), reason text, notes text,
  running_balance numeric(10, 2), created_at timestamptz default now());
