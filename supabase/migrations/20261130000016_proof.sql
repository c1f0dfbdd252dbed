-- The last word: a whole shift is worked on a scratch register and taken back. Where something of the database's own stands in
-- the way, this fails with the step and the reason; a deployment in one transaction then leaves nothing behind.

do $$
declare v_tried boolean; v_problem text;
begin
  select x.tried, x.problem into v_tried, v_problem from onetill.try_shift() x;
  if v_tried and v_problem is not null then
    raise exception using message = 'onetill: a shift cannot be worked on this database; it fails at ' || v_problem,
      hint = 'Something of the shop''s own (a check, a foreign key, a trigger) stands in the way: change it, and repeat.', errcode = 'OT003';
  end if;
end $$;

-- What stands now is what was installed: health compares with it.
delete from onetill.installed;
insert into onetill.installed select d.kind, d.object, d.hash from onetill.definitions() d;

-- PostgREST keeps the functions it knows in memory.
notify pgrst, 'reload schema';
