-- The last word of a migration: a whole shift is worked, and what stands then is what was installed. A file that is added after
-- this one ends with the same line.
select onetill.prove();

-- PostgREST keeps the functions it knows in memory.
notify pgrst, 'reload schema';
