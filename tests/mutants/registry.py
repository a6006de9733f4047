"""The controls that have a mutant, each with the patch that switches it off and the fast test that must then fail."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.mutants import jobs, links, media, web


@dataclass(frozen=True, slots=True)
class Mutant:
    """One control. `patch` switches it off in this process; `test` is a pytest node id."""

    control: str
    patch: Callable[[], None]
    test: str


REGISTRY: dict[str, Mutant] = {
    "lease": Mutant(
        "a worker loses its row when its lease expires",
        jobs.leases_never_expire,
        "tests/exports/test_lifecycle.py::test_a_row_with_an_expired_lease_is_queued_again",
    ),
    "lease_too_early": Mutant(
        "a worker that renews its lease keeps its row",
        jobs.leases_expire_at_once,
        "tests/exports/test_lifecycle.py::test_rows_in_good_hands_are_left_alone",
    ),
    "fencing": Mutant(
        "only the holder of the token writes",
        jobs.writes_ignore_the_claim_token,
        "tests/jobs/test_lease.py::test_only_the_holder_writes",
    ),
    "fencing_of_files": Mutant(
        "each attempt stores under a name of its own",
        jobs.attempts_share_a_key,
        "tests/exports/rendering/test_render_leases.py::test_a_worker_that_wakes_after_its_lease_never_touches_the_newer_file",
    ),
    "lock": Mutant(
        "requests of one user wait for one another",
        jobs.user_row_is_not_locked,
        "tests/exports/test_races.py::test_on_postgresql[check_last_place]",
    ),
    "progress_watchdog": Mutant(
        "an attempt that makes progress goes on",
        jobs.progress_does_not_count,
        "tests/exports/rendering/test_render_leases.py::test_an_attempt_that_makes_progress_goes_on_and_one_that_stalls_ends",
    ),
    "computing": Mutant(
        "a file made to be slow ends by its CPU time",
        jobs.computing_without_end,
        "tests/exports/rendering/test_render_leases.py::test_computing_is_bounded_by_the_clips_length",
    ),
    "idempotency": Mutant(
        "one key stands for one export",
        jobs.idempotency_keys_are_ignored,
        "tests/exports/test_races.py::test_on_sqlite[check_one_key]",
    ),
    "verification": Mutant(
        "an export whose file breaks a rule is never completed",
        jobs.every_rule_passes,
        "tests/mediakit/conformance/test_verification.py::test_an_ordinary_video_is_no_short",
    ),
    "verification_of_bytes": Mutant(
        "the stored bytes are the ones that were sent",
        jobs.fingerprints_always_match,
        "tests/exports/rendering/test_render.py::test_stored_bytes_that_differ_are_noticed",
    ),
    "link_address": Mutant(
        "a link leads to no address inside",
        links.addresses_are_not_checked,
        "tests/videos/uploads/test_link_import_fetching.py::TestTheProductsOwnNetwork::test_this_machine_is_not_reached[localhost]",
    ),
    "link_every_address": Mutant(
        "one inner address among public ones is enough to refuse a name",
        links.one_public_address_is_enough,
        "tests/netfetch/test_fetch.py::TestAddresses::test_one_inner_address_among_public_ones_is_enough_to_refuse[1]",
    ),
    "link_pinning": Mutant(
        "a name is looked up once",
        links.names_are_resolved_twice,
        "tests/netfetch/test_fetch.py::TestAddresses::test_a_name_is_looked_up_once_and_cannot_change_its_mind",
    ),
    "interrupted_fetches": Mutant(
        "the fetches of killed workers are removed",
        links.interrupted_fetches_are_not_found,
        "tests/videos/uploads/test_link_import_fetching.py::TestFetching::test_what_a_killed_worker_left_is_found[local]",
    ),
    "whitelists": Mutant(
        "ffmpeg opens video containers only, and no protocol but its source's",
        media.no_whitelists,
        "tests/hostile/test_playlist_controls.py::test_the_whitelists_alone_stop_a_playlist[hls]",
    ),
    "landlock": Mutant(
        "a child can open only its own files",
        media.no_landlock,
        "tests/mediakit/sandbox/test_confinement.py::test_a_child_reads_its_source_and_no_other_file",
    ),
    "system_call_filter": Mutant(
        "a child opens no sockets except the one to its reader",
        media.no_system_call_filter,
        "tests/mediakit/sandbox/test_confinement.py::test_what_no_tool_does_is_refused_even_beside_a_reader",
    ),
    "memory_limit": Mutant(
        "a child has at most 2 GiB of memory",
        media.no_memory_limit,
        "tests/mediakit/sandbox/test_confinement.py::test_memory_has_an_end",
    ),
    "file_size_limit": Mutant(
        "a child cannot write files of unlimited size",
        media.no_file_size_limit,
        "tests/mediakit/sandbox/test_process.py::test_a_child_cannot_write_beyond_its_limit",
    ),
    "other_limits": Mutant(
        "a child changes no other process' limits",
        media.children_change_other_limits,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_changes_nothing_about_another_process[limits]",
    ),
    "other_priorities": Mutant(
        "a child changes no other process' priority",
        media.children_change_other_priorities,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_changes_nothing_about_another_process[priority]",
    ),
    "other_scheduling": Mutant(
        "a child schedules no other process",
        media.children_schedule_others,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_changes_nothing_about_another_process[processors]",
    ),
    "other_disk_order": Mutant(
        "a child changes no other process' place at the disk",
        media.children_set_io_priorities,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_changes_nothing_about_another_process[disk]",
    ),
    "no_processes": Mutant(
        "a child starts threads, and no process",
        media.children_start_processes,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_starts_no_process_and_lives_no_longer_than_it_may[fork]",
    ),
    "bound_to_parent": Mutant(
        "a child cannot untie its life from its parent's",
        media.children_survive_their_parent,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_starts_no_process_and_lives_no_longer_than_it_may[untied]",
    ),
    "unnamed_files": Mutant(
        "a child keeps nothing where no limit counts",
        media.children_keep_unnamed_files,
        "tests/mediakit/sandbox/test_neighbours.py::test_nothing_is_kept_where_no_limit_counts[memory]",
    ),
    "sum_of_files": Mutant(
        "all files of a child together have an end",
        media.no_total_limits,
        "tests/mediakit/sandbox/test_neighbours.py::test_files_have_an_end_in_sum[sparse-ended]",
    ),
    "threads": Mutant(
        "the threads of a child have an end",
        media.no_thread_limit,
        "tests/mediakit/sandbox/test_neighbours.py::test_threads_have_an_end",
    ),
    "root_rights": Mutant(
        "a child of root has no capability but reading",
        media.root_keeps_its_capabilities,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_root_start_drops_its_rights",
    ),
    "links": Mutant(
        "no symbolic link leads to a source",
        media.symbolic_links_are_followed,
        "tests/mediakit/sandbox/test_confinement.py::test_only_plain_files_are_sources",
    ),
    "fork_server": Mutant(
        "a child outlives the thread that started it",
        media.calling_thread_forks,
        "tests/mediakit/sandbox/test_fork_server.py::test_a_child_outlives_the_thread_that_asked_for_it",
    ),
    "environment": Mutant(
        "a child sees no secrets",
        media.whole_environment_is_passed_on,
        "tests/mediakit/sandbox/test_process.py::test_a_child_sees_no_secrets_and_no_proxy",
    ),
    "hidden_paths": Mutant(
        "the stored output of a tool names no path",
        media.paths_are_not_redacted,
        "tests/mediakit/sandbox/test_confinement.py::test_what_a_tool_says_shows_no_paths",
    ),
    "escaping": Mutant(
        "stored text is escaped in pages",
        web.templates_do_not_escape,
        "tests/security/test_stored_texts.py::test_pages_show_text_as_text[6]",
    ),
    "nosniff": Mutant(
        "browsers do not guess what an answer is",
        web.nosniff_is_not_sent,
        "tests/security/test_sessions_and_headers.py::test_every_answer_has_them[/v1/me]",
    ),
    "content_policy": Mutant(
        "a page runs no inline script",
        web.inline_scripts_are_allowed,
        "tests/security/test_sessions_and_headers.py::test_a_page_may_run_and_load_its_own_things_only[/]",
    ),
    "csrf": Mutant(
        "nothing changes by a cookie alone",
        web.csrf_tokens_are_not_checked,
        "tests/security/test_every_url.py::test_nothing_changes_by_a_cookie_alone[pages]",
    ),
    "owner": Mutant(
        "another user's video is not found",
        web.videos_are_not_filtered_by_owner,
        "tests/security/test_every_url.py::test_everybody_gets_what_the_table_says[api]",
    ),
    "link_grant": Mutant(
        "a download link ends with its grant",
        web.download_grants_never_end,
        "tests/security/test_links.py::test_a_browsers_link_ends[log_out]",
    ),
    "host_name": Mutant(
        "another host name is refused",
        web.host_names_are_not_checked,
        "tests/security/test_abuse.py::test_another_host_name_is_refused",
    ),
    "session_key": Mutant(
        "a login creates a new session key",
        web.sessions_keep_their_key,
        "tests/security/test_sessions_and_headers.py::test_a_planted_session_is_not_logged_in[/account/login]",
    ),
    "next_page": Mutant(
        "a login redirects only within the site",
        web.next_urls_are_not_checked,
        "tests/security/test_sessions_and_headers.py::test_next_never_leads_outside",
    ),
    "log_lines": Mutant(
        "a log event is one line",
        web.log_texts_are_not_escaped,
        "tests/security/test_logs.py::test_an_event_is_one_line[console]",
    ),
    "log_secrets": Mutant(
        "no signature is logged",
        web.log_secrets_are_not_redacted,
        "tests/security/test_logs.py::test_a_running_server_writes_no_signature[console]",
    ),
    "right_moment": Mutant(
        "a Short that shows another moment is never completed",
        media.every_moment_is_right,
        "tests/mediakit/conformance/test_moment_check.py::test_another_moment_breaks_a_hard_rule[plain.mp4-3100]",
    ),
    "storage_quota": Mutant(
        "a user's storage has an end",
        web.storage_has_no_quota,
        "tests/videos/uploads/test_quota.py::test_a_whole_file_and_a_link_are_asked_too",
    ),
    "token_scope": Mutant(
        "a token that reads changes nothing",
        web.reading_tokens_write,
        "tests/accounts/test_tokens.py::test_a_token_that_reads_changes_nothing",
    ),
    "closed_sign_up": Mutant(
        "no account is made where sign-up is closed",
        web.closed_sign_up_is_open,
        "tests/accounts/test_pages.py::test_the_service_itself_refuses_when_sign_up_is_closed",
    ),
    "body_limits": Mutant(
        "a request's body has an end",
        web.bodies_have_no_limit,
        "tests/heimdex/web/test_server.py::test_a_chunked_body_is_refused_at_its_limit",
    ),
}
