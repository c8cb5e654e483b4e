from reports.queries.funnel import Funnel, FunnelFilter, list_newcomers, list_rows, read_funnel

__all__ = ["Funnel", "FunnelFilter", "list_newcomers", "list_rows", "read_funnel"]
