SET LOCAL lock_timeout = '5s';

ALTER TABLE drafts.drafts DROP COLUMN prompt_version_id;
DROP TABLE models.model_runs;
DROP TABLE models.prompt_activations;
DROP FUNCTION models.activate_prompt();
DROP FUNCTION models.note_activation();
DROP TABLE models.prompt_versions;
DROP FUNCTION models.keep_prompt();
DROP FUNCTION models.number_prompt();
DROP FUNCTION models.lock_kind(uuid, text);
