"""Every control that has a mutant: how it is switched off, and the fast test that must fail then."""

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
        "a silent worker loses its row",
        jobs.nobody_is_silent,
        "tests/exports/test_lifecycle.py::test_a_row_with_an_expired_lease_is_queued_again",
    ),
    "lease_too_early": Mutant(
        "a worker that gives signs of life keeps its row",
        jobs.everybody_is_silent,
        "tests/exports/test_lifecycle.py::test_rows_in_good_hands_are_left_alone",
    ),
    "fencing": Mutant(
        "only the holder of the token writes",
        jobs.anybody_writes,
        "tests/jobs/test_lease.py::test_only_the_holder_writes",
    ),
    "fencing_of_files": Mutant(
        "each attempt stores under a name of its own",
        jobs.attempts_share_a_file,
        "tests/exports/rendering/test_render_leases.py::test_a_worker_that_wakes_after_its_lease_never_touches_the_newer_file",
    ),
    "lock": Mutant(
        "requests of a person wait for one another",
        jobs.nobody_waits,
        "tests/exports/test_races.py::test_on_postgresql[check_last_place]",
    ),
    "idempotency": Mutant(
        "one key stands for one export",
        jobs.keys_are_forgotten,
        "tests/exports/test_races.py::test_on_sqlite[check_one_key]",
    ),
    "verification": Mutant(
        "a file that breaks a promise is never completed",
        jobs.every_file_is_good,
        "tests/mediakit/conformance/test_verification.py::test_an_ordinary_video_is_no_short",
    ),
    "verification_of_bytes": Mutant(
        "the stored bytes are the ones that were sent",
        jobs.bytes_are_not_compared,
        "tests/exports/rendering/test_render.py::test_stored_bytes_that_differ_are_noticed",
    ),
    "link_address": Mutant(
        "a link leads to no address inside",
        links.any_address_will_do,
        "tests/videos/uploads/test_link_import_fetching.py::TestTheProductsOwnNetwork::test_this_machine_is_not_reached[localhost]",
    ),
    "link_every_address": Mutant(
        "one inner address among public ones is enough to refuse a name",
        links.one_public_address_is_enough,
        "tests/netfetch/test_fetch.py::TestAddresses::test_one_inner_address_among_public_ones_is_enough_to_refuse[1]",
    ),
    "link_pinning": Mutant(
        "a name is looked up once",
        links.names_are_looked_up_again,
        "tests/netfetch/test_fetch.py::TestAddresses::test_a_name_is_looked_up_once_and_cannot_change_its_mind",
    ),
    "link_leftovers": Mutant(
        "what a killed worker fetched is removed",
        links.nobody_looks_for_dead_fetches,
        "tests/videos/uploads/test_link_import_fetching.py::TestFetching::test_what_a_killed_worker_left_is_found[local]",
    ),
    "whitelists": Mutant(
        "ffmpeg opens video containers only, and no protocol but its source's",
        media.no_whitelists,
        "tests/hostile/test_media_fences.py::test_the_whitelists_alone_stop_a_playlist[hls]",
    ),
    "landlock": Mutant(
        "the kernel keeps a child from every file but its own",
        media.no_landlock,
        "tests/mediakit/sandbox/test_confinement.py::test_a_child_reads_its_source_and_no_other_file",
    ),
    "system_call_filter": Mutant(
        "a child makes no sockets but the one to its reader",
        media.no_system_call_filter,
        "tests/mediakit/sandbox/test_confinement.py::test_what_no_tool_does_is_refused_even_beside_a_reader",
    ),
    "memory_limit": Mutant(
        "a child has 2 GiB at most",
        media.no_memory_limit,
        "tests/mediakit/sandbox/test_confinement.py::test_memory_has_an_end",
    ),
    "file_size_limit": Mutant(
        "a child writes no file without end",
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
        media.children_forget_their_parent,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_child_starts_no_process_and_lives_no_longer_than_it_may[untied]",
    ),
    "unnamed_files": Mutant(
        "a child keeps nothing where no limit counts",
        media.children_keep_unnamed_files,
        "tests/mediakit/sandbox/test_neighbours.py::test_nothing_is_kept_where_no_limit_counts[memory]",
    ),
    "sum_of_files": Mutant(
        "all files of a child together have an end",
        media.no_limits_in_sum,
        "tests/mediakit/sandbox/test_neighbours.py::test_files_have_an_end_in_sum[sparse-ended]",
    ),
    "threads": Mutant(
        "the threads of a child have an end",
        media.threads_without_end,
        "tests/mediakit/sandbox/test_neighbours.py::test_threads_have_an_end",
    ),
    "root_rights": Mutant(
        "a child of root has no capability but reading",
        media.root_keeps_its_rights,
        "tests/mediakit/sandbox/test_neighbours.py::test_a_root_start_drops_its_rights",
    ),
    "links": Mutant(
        "no symbolic link leads to a source",
        media.links_are_followed,
        "tests/mediakit/sandbox/test_confinement.py::test_only_plain_files_are_sources",
    ),
    "fork_server": Mutant(
        "a child outlives the thread that asked for it",
        media.any_thread_forks,
        "tests/mediakit/sandbox/test_fork_server.py::test_a_child_outlives_the_thread_that_asked_for_it",
    ),
    "environment": Mutant(
        "a child sees no secrets",
        media.environment_is_passed_on,
        "tests/mediakit/sandbox/test_process.py::test_a_child_sees_no_secrets_and_no_proxy",
    ),
    "hidden_paths": Mutant(
        "what is kept of a tool's words names no path",
        media.paths_are_shown,
        "tests/mediakit/sandbox/test_confinement.py::test_what_a_tool_says_shows_no_paths",
    ),
    "escaping": Mutant(
        "stored text is escaped in pages",
        web.nothing_is_escaped,
        "tests/security/test_stored_texts.py::test_pages_show_text_as_text[6]",
    ),
    "nosniff": Mutant(
        "browsers do not guess what an answer is",
        web.browsers_may_guess,
        "tests/security/test_sessions_and_headers.py::test_every_answer_has_them[/v1/me]",
    ),
    "content_policy": Mutant(
        "a page runs no inline script",
        web.inline_scripts_run,
        "tests/security/test_sessions_and_headers.py::test_a_page_may_run_and_load_its_own_things_only[/]",
    ),
    "csrf": Mutant(
        "nothing changes by a cookie alone",
        web.a_cookie_is_enough,
        "tests/security/test_every_url.py::test_nothing_changes_by_a_cookie_alone[pages]",
    ),
    "owner": Mutant(
        "somebody else's video is not there",
        web.everybody_sees_everything,
        "tests/security/test_every_url.py::test_everybody_gets_what_the_table_says[api]",
    ),
    "link_grant": Mutant(
        "a download link ends with what it rests on",
        web.links_outlive_what_they_rest_on,
        "tests/security/test_links.py::test_a_browsers_link_ends[log_out]",
    ),
    "host_name": Mutant(
        "another host name is refused",
        web.any_host_name_will_do,
        "tests/security/test_abuse.py::test_another_host_name_is_refused",
    ),
    "session_key": Mutant(
        "a login is a new session key",
        web.sessions_keep_their_key,
        "tests/security/test_sessions_and_headers.py::test_a_planted_session_is_not_logged_in[/account/login]",
    ),
    "next_page": Mutant(
        "a login leads nowhere else",
        web.next_leads_anywhere,
        "tests/security/test_sessions_and_headers.py::test_next_never_leads_outside",
    ),
    "log_lines": Mutant(
        "a log event is one line",
        web.logs_quote_as_it_comes,
        "tests/security/test_logs.py::test_an_event_is_one_line[console]",
    ),
    "log_secrets": Mutant(
        "no signature is logged",
        web.logs_keep_secrets,
        "tests/security/test_logs.py::test_a_running_server_writes_no_signature[console]",
    ),
}
