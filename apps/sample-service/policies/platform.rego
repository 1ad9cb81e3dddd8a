# Who may do what on the platform. Embedded and on an OPA server alike: `opa run --server policies`.
#
# input: { "tenant", "persona", "action", "resource", "context" }; see src/policy/policy-client.ts.
package platform

# One answer to every question. What no rule allows is denied, and a rule that denies beats all that allow.
decision := {"allow": false, "reason": concat("; ", denials)} if {
	count(denials) > 0
} else := {"allow": true, "reason": concat("; ", permissions)} if {
	count(permissions) > 0
} else := {"allow": false, "reason": "no rule allows this"}

# Conversations

permissions contains "users talk in their tenant" if {
	input.action in {"conversation.read", "conversation.write"}
	input.context.role in {"practitioner", "client"}
}

# Accounts

permissions contains "users have an account of their own" if {
	input.action in {"user.read", "user.write"}
	input.context.role in {"practitioner", "client", "admin"}
}

permissions contains "practitioners and admins keep API keys" if {
	input.action in {"api_key.read", "api_key.write"}
	input.context.role in {"practitioner", "admin"}
}

permissions contains "admins run their tenant" if {
	input.action in {
		"api_key.rotate", "audit.read", "budget.read", "budget.write", "tenant_user.read", "violation.read",
	}
	input.context.role == "admin"
}

# Tools

permissions contains "practitioners run the tools of the web assistant" if {
	input.action == "tool.run"
	input.persona == "web_assistant"
	input.context.role == "practitioner"
}

permissions contains "the persona has this tool" if {
	input.action == "tool.run"
	input.resource in tools_of[input.persona]
}

tools_of := {
	"cost_optimizer": {"analyze_costs"},
	"jaimee_therapist": {"list_goals", "create_goal", "list_tasks", "complete_task"},
	"transcriber_agent": {
		"search_sessions", "load_session", "get_session_transcript", "get_templates",
		"get_template", "generate_document", "validate_document", "save_document",
	},
	"triage_agent": {"rate_urgency"},
}

# What nobody may do, whatever else is allowed

denials contains "the resource belongs to another tenant" if {
	input.context.resource_tenant != input.tenant
}

denials contains "the tenant is suspended" if {
	input.tenant in data.suspended_tenants
}
