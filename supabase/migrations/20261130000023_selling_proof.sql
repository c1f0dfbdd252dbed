-- The last word of a migration, as in the file of the same name before: a whole shift with a sale is worked, and what
-- stands then was installed.
select onetill.prove();

notify pgrst, 'reload schema';
