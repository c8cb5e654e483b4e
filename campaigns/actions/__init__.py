from campaigns.actions.runs import (
    leave_silence,
    reconsider_silence,
    start_all_runs,
    start_runs,
    step_next,
)
from campaigns.actions.scenarios import (
    NoSteps,
    StepInput,
    StepsOutOfOrder,
    TemplateUnknown,
    WrongSide,
    change_scenario,
    start_scenario,
    stop_scenario,
)

__all__ = [
    "NoSteps",
    "StepInput",
    "StepsOutOfOrder",
    "TemplateUnknown",
    "WrongSide",
    "change_scenario",
    "leave_silence",
    "reconsider_silence",
    "start_all_runs",
    "start_runs",
    "start_scenario",
    "step_next",
    "stop_scenario",
]
