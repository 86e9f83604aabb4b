-- name: operations.name_action :exec
-- Gives the rest of the transaction a business word for the event log, in place of INSERT or UPDATE.
-- param: action text = 'APPROVE'
SELECT operations.set_local('app.action', :action);
