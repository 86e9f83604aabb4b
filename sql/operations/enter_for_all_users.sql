-- name: operations.enter_for_all_users :exec
-- Lets the rest of the transaction see the rows of all users and teams of the tenant: for workers, for administrators,
-- and for what is counted over all of them. Otherwise row-level security passes those of the user who acts.
SELECT operations.set_local('app.user_id', 'any');
